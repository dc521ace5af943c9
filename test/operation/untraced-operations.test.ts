import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { type Answer, ask, startGateway } from "../support/gateway.ts";
import { FOLLOW, openStream, startStreamingGateway } from "../support/streaming-gateway.ts";

const READ = `query ($cvmId: ID!, $correlationId: ID!) {
  operation(cvmId: $cvmId, correlationId: $correlationId) { status pollAfterMs }
}`;
const UNTRACED = { cvmId: "web-phala", correlationId: "corr_01HXYZ" };

/** The time after which an operation without a trace counts as missing, at the poll interval of these tests. */
const LIMIT_MS = 3_000;

type Variables = Readonly<Record<string, string>>;
type Asker = { readonly ask: (query: string, variables: Variables) => Promise<Answer> };

/** Read an operation until the answer has an error, and fail after twice the documented time. */
async function pollToEnd({ ask: read }: Asker, query: string, variables: Variables): Promise<Answer[]> {
  const start = performance.now();
  const answers: Answer[] = [];
  while (performance.now() - start < 2 * LIMIT_MS) {
    const answer = await read(query, variables);
    answers.push(answer);
    if (answer.errors !== undefined) return answers;
    await sleep(250);
  }
  throw new Error("The operation never ends for a client that polls.");
}

const toNodeId = (correlationId: string) =>
  `op_${Buffer.from(`cvm_abcd1234:${correlationId}`).toString("base64url")}`;

describe("a correlation id that cannot exist", () => {
  const impossible = ["", " ", "a b", "x".repeat(129), "../cvms", "é", "a:b", "a.b", "a\n"];

  it.each(impossible)("is BAD_USER_INPUT for a client that polls, and nothing is sent: %j", async (id) => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(READ, { cvmId: "web-phala", correlationId: id });
    expect(data.operation).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      retryable: false,
      fields: [{ path: "correlationId" }],
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("is BAD_USER_INPUT for a subscription", async () => {
    await using gateway = await startStreamingGateway();
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId: "a b" });
    expect((await stream.next()).errors[0].extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "correlationId" }],
    });
    expect(gateway.proxy.calls).toEqual([]);
  });

  it("is BAD_USER_INPUT inside the id of a node", async () => {
    await using gateway = await startGateway();
    const id = toNodeId("a b");
    const one = await gateway.ask("query ($id: ID!) { node(id: $id) { id } }", { id });
    expect(one.errors?.[0]?.extensions).toMatchObject({ code: "BAD_USER_INPUT", fields: [{ path: "id" }] });
    const many = await gateway.ask("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", { ids: ["x", id] });
    expect(many.data.nodes).toEqual([null, null]);
    expect(many.errors).toHaveLength(1);
    expect(many.errors?.[0]?.extensions).toMatchObject({ fields: [{ path: "ids.1" }] });
    expect(await gateway.calls()).toEqual([]);
  });

  it.each(["x".repeat(128), "0b9c6d0e-6a5c-4c0e-9f0e-0c9a6e1f4b7d", "corr_01HXYZ"])(
    "is not one that has the form of those of the REST API: %s",
    async (correlationId) => {
      await using gateway = await startGateway();
      const { data, errors } = await gateway.ask(READ, { cvmId: "web-phala", correlationId });
      expect(errors).toBeUndefined();
      expect(data.operation).toEqual({ status: "UNKNOWN", pollAfterMs: 5_000 });
    },
  );
});

describe.concurrent("an operation without a trace", () => {
  const environment = { WATCH_INTERVAL_MS: "20" };

  it("ends with NOT_FOUND for a client that polls, and only for this client", async () => {
    await using gateway = await startGateway({ environment });
    const answers = await pollToEnd(gateway, READ, UNTRACED);
    const last = answers.pop();
    expect(answers.length).toBeGreaterThan(1);
    expect(answers.every(({ data }) => data.operation.status === "UNKNOWN")).toBe(true);
    expect(last?.data.operation).toBeNull();
    expect(last?.errors?.[0]).toMatchObject({
      message: expect.stringContaining("no trace of this operation for 3 seconds"),
      extensions: { code: "NOT_FOUND", retryable: false },
    });
    const other = await gateway.ask(READ, UNTRACED, { "x-api-key": "sandbox-other" });
    expect(other.data.operation.status).toBe("UNKNOWN");
  });

  it("ends with NOT_FOUND for a client that polls a node", async () => {
    await using gateway = await startGateway({ environment });
    const { data } = await gateway.ask('{ cvm(id: "web-phala") { id } }');
    const id = `op_${Buffer.from(`${data.cvm.id}:gone`).toString("base64url")}`;
    const answers = await pollToEnd(gateway, "query ($id: ID!) { node(id: $id) { id } }", { id });
    expect(answers.pop()?.errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });

  it("ends a subscription with NOT_FOUND, and with it the poll", async () => {
    await using gateway = await startStreamingGateway();
    const start = performance.now();
    const stream = await openStream(gateway.app, FOLLOW, UNTRACED);
    expect((await stream.next()).data.operation.status).toBe("UNKNOWN");
    expect((await stream.next()).errors[0].extensions.code).toBe("NOT_FOUND");
    expect(performance.now() - start).toBeGreaterThanOrEqual(LIMIT_MS);
    expect(await stream.next()).toBeNull();
    gateway.proxy.calls.length = 0;
    await sleep(200);
    expect(gateway.proxy.calls).toEqual([]);
  });

  it("is followed on while the history cannot be read, and is found afterwards", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    await gateway.jump(12_000);
    gateway.proxy.rule = ({ path }) => (path.includes("/operations") ? { status: 500, body: {} } : null);
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation.status).toBe("UNKNOWN");
    await sleep(LIMIT_MS + 500);
    gateway.proxy.rule = () => null;
    expect((await stream.next()).data.operation.status).toBe("COMPLETED");
  });

  it("counts anew after a trace of it was seen", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const variables = { cvmId: "web-phala", correlationId };
    const read = async () => (await ask(gateway.app, READ, variables)).data.operation?.status;
    const hide = () => {
      gateway.proxy.rule = ({ path }) =>
        path.includes("/operations") ? { status: 200, body: { items: [], next_cursor: null } } : null;
    };
    await gateway.jump(12_000);
    hide();
    expect(await read()).toBe("UNKNOWN");
    gateway.proxy.rule = () => null;
    expect(await read()).toBe("COMPLETED");
    await sleep(LIMIT_MS);
    hide();
    expect(await read()).toBe("UNKNOWN");
  });
});
