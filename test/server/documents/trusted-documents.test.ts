import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { loadConfig } from "../../../src/config.ts";
import { loadTrustedDocuments, ManifestError } from "../../../src/server/documents/manifest.ts";
import { createGateway } from "../../support/gateway.ts";
import { startMain } from "../../support/process.ts";

const SHA = "a".repeat(64);
const MD5 = "b".repeat(32);
const APOLLO = "c".repeat(64);
const codegen = { [`sha256:${SHA}`]: "query Codegen { __typename }" };
const relay = { [MD5]: "query Relay { __typename }" };
const apollo = {
  format: "apollo-persisted-query-manifest",
  version: 1,
  operations: [{ id: APOLLO, body: "query Apollo { __typename }", name: "Apollo", type: "query" }],
};

async function makeFolder(files: Readonly<Record<string, unknown>>) {
  const path = await mkdtemp(join(tmpdir(), "manifests-"));
  const write = (name: string, content: unknown) =>
    writeFile(join(path, name), typeof content === "string" ? content : JSON.stringify(content));
  for (const [name, content] of Object.entries(files)) await write(name, content);
  return { path, write, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) };
}

async function start(path: string, environment: Readonly<Record<string, string>> = {}) {
  const documents = await loadTrustedDocuments(path);
  const { app } = createGateway("http://127.0.0.1:9", {
    documents,
    environment: { PERSISTED_DOCUMENTS: path, ...environment },
  });
  return {
    documents,
    async send(body: unknown) {
      const response = await app.fetch("http://gateway.test/graphql", {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      return response.json();
    },
    async get(search: string) {
      return (await app.fetch(`http://gateway.test/graphql?${search}`)).json();
    },
  };
}

const answer = { data: { __typename: "Query" } };
const code = (body: { errors?: { extensions: { code: string } }[] }) => body.errors?.[0]?.extensions.code;
const all = { "codegen.json": codegen, "relay.json": relay, "apollo.json": apollo };

describe("a trusted document", () => {
  it.each([
    ["the client preset of codegen, as documentId", { documentId: `sha256:${SHA}` }],
    ["the client preset without its prefix", { documentId: SHA }],
    ["Relay, as doc_id", { doc_id: MD5 }],
    ["Relay, as documentId", { documentId: MD5 }],
    ["Apollo, as persistedQuery", { extensions: { persistedQuery: { version: 1, sha256Hash: APOLLO } } }],
    ["any client, next to a query", { documentId: MD5, query: "{ nope }" }],
  ])("is found by the id of %s", async (_name, body) => {
    await using folder = await makeFolder(all);
    const gateway = await start(folder.path);
    expect(await gateway.send(body)).toEqual(answer);
    const only = await start(folder.path, { PERSISTED_ONLY: "true" });
    expect(await only.send(body)).toEqual(answer);
  });

  it("is found by GET", async () => {
    await using folder = await makeFolder(all);
    const gateway = await start(folder.path, { PERSISTED_ONLY: "true" });
    const extensions = encodeURIComponent(
      JSON.stringify({ persistedQuery: { version: 1, sha256Hash: APOLLO } }),
    );
    expect(await gateway.get(`documentId=${MD5}`)).toEqual(answer);
    expect(await gateway.get(`doc_id=${MD5}`)).toEqual(answer);
    expect(await gateway.get(`extensions=${extensions}`)).toEqual(answer);
  });

  it("is found in a manifest that is a single file", async () => {
    await using folder = await makeFolder({ "relay.json": relay });
    const gateway = await start(join(folder.path, "relay.json"));
    expect(await gateway.send({ documentId: MD5 })).toEqual(answer);
  });

  it("accepts variables", async () => {
    await using folder = await makeFolder({
      "relay.json": { [MD5]: "query ($yes: Boolean!) { a: __typename @include(if: $yes) b: __typename }" },
    });
    const gateway = await start(folder.path);
    expect(await gateway.send({ documentId: MD5, variables: { yes: false } })).toEqual({
      data: { b: "Query" },
    });
  });
});

describe("an unknown document id", () => {
  it("fails with an error code of its own", async () => {
    await using folder = await makeFolder(all);
    const gateway = await start(folder.path);
    expect(code(await gateway.send({ documentId: "d".repeat(64) }))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
    const only = await start(folder.path, { PERSISTED_ONLY: "true" });
    const body = { documentId: "d".repeat(64), query: "{ __typename }" };
    expect(code(await only.send(body))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
    expect(await gateway.send(body)).toEqual(answer);
  });

  it("is never looked up as a property of an object", async () => {
    await using folder = await makeFolder(all);
    const gateway = await start(folder.path);
    for (const documentId of ["__proto__", "constructor", "toString"]) {
      expect(code(await gateway.send({ documentId }))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
    }
  });
});

describe("PERSISTED_ONLY", () => {
  it.each([
    { query: "{ __typename }" },
    { query: "query Relay { __typename }" },
    { query: "{ __schema { queryType { name } } }", documentId: "" },
    { query: "{ __typename }", documentId: 7 },
    { query: "{ __typename }", extensions: { persistedQuery: null } },
  ])("rejects %j", async (body) => {
    await using folder = await makeFolder(all);
    const gateway = await start(folder.path, { PERSISTED_ONLY: "true" });
    expect(code(await gateway.send(body))).toBe("PERSISTED_DOCUMENT_REQUIRED");
  });

  it("requires a manifest", () => {
    expect(() => loadConfig({ PERSISTED_ONLY: "true" })).toThrow("PERSISTED_DOCUMENTS");
  });
});

describe("a reload of the manifests", () => {
  it("adds new documents and removes old ones", async () => {
    await using folder = await makeFolder({ "relay.json": relay });
    const gateway = await start(folder.path);
    await folder.write("relay.json", codegen);
    await gateway.documents.reload();
    expect(await gateway.send({ documentId: SHA })).toEqual(answer);
    expect(code(await gateway.send({ documentId: MD5 }))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
  });

  it.each([
    ["invalid JSON", "{"],
    ["an unknown format", { operations: [] }],
    ["an unknown format version", { ...apollo, version: 2 }],
    ["invalid GraphQL", { [MD5]: "query {" }],
    ["another document for a known id", { [MD5]: "query Other { __typename }" }],
  ])("keeps the present documents when a manifest has %s", async (_name, content) => {
    await using folder = await makeFolder({ "a.json": relay });
    const gateway = await start(folder.path);
    await folder.write("b.json", content);
    await expect(gateway.documents.reload()).rejects.toThrow(ManifestError);
    expect(await gateway.send({ documentId: MD5 })).toEqual(answer);
  });

  it("loses no request that arrives during it", async () => {
    await using folder = await makeFolder({ "relay.json": relay });
    const gateway = await start(folder.path, { PERSISTED_ONLY: "true" });
    const answers: Promise<unknown>[] = [];
    for (let round = 0; round < 30; round += 1) {
      const reload = gateway.documents.reload();
      answers.push(gateway.send({ documentId: MD5 }), gateway.send({ documentId: MD5 }));
      await reload;
    }
    for (const body of await Promise.all(answers)) expect(body).toEqual(answer);
  });
});

describe("SIGHUP", () => {
  it("reloads the manifests of a running gateway, and keeps the present ones when the new ones are invalid", async () => {
    await using folder = await makeFolder({ "a.json": relay });
    await using main = await startMain({ PERSISTED_DOCUMENTS: folder.path, PERSISTED_ONLY: "true" });
    const send = async (documentId: string) => {
      const response = await fetch(`${main.url}/graphql`, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ documentId }),
      });
      return response.json();
    };
    expect(code(await send(SHA))).toBe("PERSISTED_DOCUMENT_NOT_FOUND");
    await folder.write("b.json", "{ broken");
    main.child.kill("SIGHUP");
    await main.waitFor(/b\.json cannot be read/);
    expect(await send(MD5)).toEqual(answer);
    await folder.write("b.json", codegen);
    main.child.kill("SIGHUP");
    await main.waitFor(/trusted documents read again/);
    expect(await send(SHA)).toEqual(answer);
    expect(await send(MD5)).toEqual(answer);
    expect(await main.stop()).toBe(0);
  });

  it("does not stop a gateway without manifests", async () => {
    await using main = await startMain();
    main.child.kill("SIGHUP");
    await main.waitFor(/trusted documents read again/);
    expect((await main.ask("{ __typename }")).data).toEqual({ __typename: "Query" });
  });

  it("an invalid manifest stops the start with a one-line message", async () => {
    await using folder = await makeFolder({ "a.json": "{" });
    await expect(startMain({ PERSISTED_DOCUMENTS: folder.path })).rejects.toThrow("a.json cannot be read");
  });
});
