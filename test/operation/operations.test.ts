import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";

const UPDATE = `mutation ($id: ID!, $vcpu: Int!) {
  configureCvm(input: { id: $id, vcpu: $vcpu }) {
    ... on InProgress { status correlationId operation { id status percent pollAfterMs cvm { name } } }
  }
}`;
const READ = `query ($cvmId: ID!, $id: ID!) {
  operation(cvmId: $cvmId, correlationId: $id) {
    id type status targetState startedAt completedAt durationMs errorMessage step percent pollAfterMs
  }
}`;

type Gateway = Awaited<ReturnType<typeof startGateway>>;

async function begin(gateway: Gateway, id: string, vcpu = 4) {
  const { data } = await gateway.ask(UPDATE, { id, vcpu });
  return data.configureCvm;
}

async function read(gateway: Gateway, cvmId: string, id: string) {
  const { data } = await gateway.ask(READ, { cvmId, id });
  return data.operation;
}

const paths = async (gateway: Gateway) =>
  (await gateway.calls()).map(({ method, path }) => `${method} ${path}`);

describe("the operation of a write", () => {
  it("is returned by the write that started it, and found by its id", async () => {
    await using gateway = await startGateway();
    const { operation } = await begin(gateway, "web-phala");
    expect(operation).toMatchObject({ status: "IN_PROGRESS", percent: 5, pollAfterMs: 2000 });
    expect(operation.cvm).toEqual({ name: "web-phala" });
    const { data } = await gateway.ask("query ($id: ID!) { node(id: $id) { __typename id } }", {
      id: operation.id,
    });
    expect(data.node).toEqual({ __typename: "Operation", id: operation.id });
  });

  it("is null when the write changes nothing", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(
      `mutation { configureCvm(input: { id: "web-phala", publicLogs: true }) { ... on InProgress { status operation { id } } } }`,
    );
    expect(data.configureCvm).toEqual({ status: "NO_CHANGE", operation: null });
  });

  it("ends only when its own record says so, and its percentage never decreases for a client that polls", async () => {
    await using gateway = await startGateway();
    const { correlationId } = await begin(gateway, "web-phala");
    const reported = [];
    for (let ms = 0; ms <= 10_000; ms += 250) {
      reported.push(await read(gateway, "web-phala", correlationId));
      await gateway.advance(250);
    }
    const percents = reported.map(({ percent }) => percent);
    expect(percents).toEqual(percents.toSorted((one, other) => one - other));
    expect(reported.filter(({ percent }) => percent === 100).map(({ status }) => status)).toEqual([
      "COMPLETED",
    ]);
    expect([...new Set(reported.map(({ step }) => step))]).toEqual([
      null,
      "powering off",
      "requesting app keys",
      "mounting data disk",
      "data disk ready",
      "setting up dstack-gateway",
      "setting up docker",
      "pre-launch",
      "starting containers",
    ]);
    expect(reported.at(-1)).toMatchObject({ durationMs: 10_000, pollAfterMs: null, errorMessage: null });
  });

  it("keeps its final status when another operation follows", async () => {
    await using gateway = await startGateway();
    const first = await begin(gateway, "web-phala", 4);
    await gateway.advance(12_000);
    const second = await begin(gateway, "web-phala", 8);
    expect(await read(gateway, "web-phala", first.correlationId)).toMatchObject({ status: "COMPLETED" });
    expect(await read(gateway, "web-phala", second.correlationId)).toMatchObject({ status: "IN_PROGRESS" });
  });

  it("fails with the error of the boot", async () => {
    await using gateway = await startGateway();
    const { correlationId } = await begin(gateway, "boot-fails");
    await gateway.advance(10_000);
    expect(await read(gateway, "boot-fails", correlationId)).toMatchObject({
      status: "FAILED",
      errorMessage: "failed to start containers",
      percent: 100,
      step: null,
      pollAfterMs: null,
    });
  });

  it("fails when a forced stop cancels it", async () => {
    await using gateway = await startGateway();
    const { correlationId } = await begin(gateway, "web-phala");
    await gateway.advance(1_000);
    await fetch(`${gateway.sandbox.url}/cvms/web-phala/stop`, {
      method: "POST",
      headers: { "x-api-key": "sandbox-test" },
    });
    expect(await read(gateway, "web-phala", correlationId)).toMatchObject({
      status: "FAILED",
      errorMessage: "Cancelled by the user",
    });
  });

  it("is UNKNOWN when nothing is known about its id, and null when the CVM is not the caller's", async () => {
    await using gateway = await startGateway();
    expect(await read(gateway, "web-phala", "no-such-id")).toMatchObject({
      status: "UNKNOWN",
      type: "unknown",
      percent: 0,
      pollAfterMs: 5000,
    });
    expect(await read(gateway, "no-such-cvm", "no-such-id")).toBeNull();
  });

  it("makes two upstream calls after its end, and three while it runs", async () => {
    await using gateway = await startGateway();
    const { correlationId } = await begin(gateway, "web-phala");
    const { data } = await gateway.ask(`{ cvm(id: "web-phala") { id } }`);
    const history = `GET /cvms/${data.cvm.id}/operations`;
    await gateway.calls();
    await read(gateway, "web-phala", correlationId);
    expect(await paths(gateway)).toEqual(["GET /cvms/web-phala", history, "POST /status/batch"]);
    await gateway.advance(10_000);
    await gateway.calls();
    await read(gateway, "web-phala", correlationId);
    expect(await paths(gateway)).toEqual(["GET /cvms/web-phala", history]);
  });
});

describe("the history of a CVM", () => {
  const PAGE = `query ($first: Int, $after: String) { cvm(id: "web-phala") { operations(first: $first, after: $after) {
    totalCount pageInfo { hasNextPage hasPreviousPage endCursor } edges { cursor node { correlationId status } }
  } } }`;

  async function fill(gateway: Gateway): Promise<string[]> {
    const ids: string[] = [];
    for (const vcpu of [2, 4, 8, 2, 4]) {
      const { correlationId } = await begin(gateway, "web-phala", vcpu);
      if (correlationId !== null) ids.unshift(correlationId);
      await gateway.advance(12_000);
    }
    await gateway.calls();
    return ids;
  }

  it("is paginated with one call per page, and new operations do not shift the pages", async () => {
    await using gateway = await startGateway();
    const ids = await fill(gateway);
    expect(ids.length).toBeGreaterThanOrEqual(4);
    const seen: string[] = [];
    let after: string | null = null;
    for (let page = 0; page < 3; page += 1) {
      const { data } = await gateway.ask(PAGE, { first: 2, after });
      const { edges, pageInfo } = data.cvm.operations;
      seen.push(...edges.map((edge: { node: { correlationId: string } }) => edge.node.correlationId));
      after = pageInfo.endCursor;
      expect((await gateway.calls()).filter(({ path }) => path.endsWith("/operations"))).toHaveLength(1);
      if (page === 0) await begin(gateway, "web-phala", 16);
      await gateway.calls();
      if (!pageInfo.hasNextPage) break;
    }
    expect(seen).toEqual(ids);
  });

  it("continues after any edge", async () => {
    await using gateway = await startGateway();
    const ids = await fill(gateway);
    const all = await gateway.ask(PAGE, { first: 100 });
    const [, second] = all.data.cvm.operations.edges;
    const { data } = await gateway.ask(PAGE, { first: 1, after: second.cursor });
    expect(data.cvm.operations.edges[0].node.correlationId).toBe(ids[2]);
    expect(data.cvm.operations.pageInfo.hasPreviousPage).toBe(true);
  });

  it("rejects cursors of other lists", async () => {
    await using gateway = await startGateway();
    for (const after of [
      "",
      "x",
      Buffer.from("cvm:3").toString("base64url"),
      Buffer.from("ops:3").toString("base64url"),
    ]) {
      const { data, errors } = await gateway.ask(PAGE, { first: 2, after });
      expect(data.cvm.operations).toBeNull();
      expect(errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "after" }] });
    }
  });

  it("lists the revisions of the app without their content", async () => {
    await using gateway = await startGateway();
    const { correlationId } = await begin(gateway, "web-phala");
    await gateway.advance(12_000);
    await gateway.calls();
    const { data } = await gateway.ask(`{ cvm(id: "web-phala") { vmUuid appId revisions(first: 1) {
      totalCount pageInfo { hasNextPage } nodes { id appId vmUuid correlationId operationType composeHash createdAt triggeredBy }
    } } }`);
    const { vmUuid, appId, revisions } = data.cvm;
    expect(revisions).toMatchObject({ totalCount: 2, pageInfo: { hasNextPage: true } });
    expect(revisions.nodes[0]).toMatchObject({ vmUuid, appId, correlationId, operationType: "update" });
    expect(await paths(gateway)).toEqual(["GET /cvms/web-phala", `GET /apps/${appId}/revisions`]);
  });
});
