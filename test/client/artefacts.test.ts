import { readdir, readFile } from "node:fs/promises";
import { ApolloClient, ApolloLink, gql, InMemoryCache, Observable } from "@apollo/client";
import { describe, expect, it } from "vitest";
import { createArtefacts, generatedFolder } from "../../packages/client/generate/artefacts.ts";
import { possibleTypes, typePolicies } from "../../packages/client/src/apollo.ts";

const CVM = { __typename: "Cvm", id: "cvm_1" };
const VCPU = gql`{ cvm(id: "a") { id resources { vcpu } progress { correlationId target } } }`;
const MEMORY = gql`{ cvm(id: "a") { id resources { memoryMb } progress { correlationId startedAt } } }`;

function write(cache: InMemoryCache, query: typeof VCPU, resources: object, progress: object): void {
  const data = {
    cvm: {
      ...CVM,
      resources: { __typename: "CvmResources", ...resources },
      progress: { __typename: "CvmProgress", ...progress },
    },
  };
  cache.writeQuery({ query, data });
}

describe("the artefacts made from the schema", () => {
  it("are current: run npm run generate:client", async () => {
    const artefacts = await createArtefacts();
    expect((await readdir(generatedFolder)).sort()).toEqual([...artefacts.keys()].sort());
    for (const [name, text] of artefacts) {
      expect(await readFile(new URL(name, generatedFolder), "utf8"), name).toBe(text);
    }
  });
});

describe("the type policies for Apollo Client", () => {
  it("keep the fields of an object without an id that another query has read", () => {
    const cache = new InMemoryCache({ possibleTypes, typePolicies });
    const progress = { correlationId: "one" };
    write(cache, VCPU, { vcpu: 2 }, { ...progress, target: "running" });
    write(cache, MEMORY, { memoryMb: 4096 }, { ...progress, startedAt: "2026-01-01T00:00:00.000Z" });
    expect(cache.readQuery({ query: VCPU })).toMatchObject({
      cvm: { resources: { vcpu: 2 }, progress: { target: "running" } },
    });
  });

  it("do not mix the data of two operations", () => {
    const cache = new InMemoryCache({ possibleTypes, typePolicies });
    write(cache, VCPU, { vcpu: 2 }, { correlationId: "one", target: "running" });
    write(cache, MEMORY, { memoryMb: 4096 }, { correlationId: "two", startedAt: null });
    expect(cache.readQuery({ query: VCPU })).toBeNull();
    expect(cache.readQuery({ query: MEMORY })).toMatchObject({ cvm: { progress: { correlationId: "two" } } });
  });

  it.each([
    ["nodes", "nodes { id }", (ids: string[]) => ({ nodes: ids.map((id) => ({ __typename: "Cvm", id })) })],
    [
      "edges",
      "edges { cursor node { id } }",
      (ids: string[]) => ({
        edges: ids.map((id) => ({
          __typename: "CvmEdge",
          cursor: `c${id}`,
          node: { __typename: "Cvm", id },
        })),
      }),
    ],
  ])("join the pages of a list that is read by its %s", async (_name, selection, describePage) => {
    const pages: Record<string, string[]> = { "": ["1", "2"], c2: ["3", "4"] };
    const link = new ApolloLink(({ variables }) => {
      const ids = pages[String(variables["after"] ?? "")] ?? [];
      const pageInfo = { __typename: "PageInfo", hasNextPage: ids[0] === "1", endCursor: `c${ids.at(-1)}` };
      const cvms = { __typename: "CvmConnection", pageInfo, ...describePage(ids) };
      return new Observable((observer) => {
        observer.next({ data: { cvms } });
        observer.complete();
      });
    });
    const cache = new InMemoryCache({ possibleTypes, typePolicies });
    const client = new ApolloClient({ cache, link });
    const query = gql`query ($after: String) { cvms(after: $after) { pageInfo { hasNextPage endCursor } ${selection} } }`;
    const list = client.watchQuery({ query });
    const subscription = list.subscribe(() => undefined);
    await list.refetch();
    await list.fetchMore({ variables: { after: "c2" } });
    await list.fetchMore({ variables: { after: "c2" } });
    // Another part of the app reads the first page of the same list, under a name.
    const newest = gql`query { cvms(first: 2) @connection(key: "newest") { ${selection} } }`;
    await client.query({ query: newest, fetchPolicy: "network-only" });
    expect(JSON.stringify(cache.readQuery({ query })).match(/"id":"(\d)"/g)).toEqual(
      ["1", "2", "3", "4"].map((id) => `"id":"${id}"`),
    );
    await list.refetch();
    expect(JSON.stringify(cache.readQuery({ query })).match(/"id":"(\d)"/g)).toHaveLength(2);
    subscription.unsubscribe();
  });
});
