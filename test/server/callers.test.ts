import { Client } from "undici";
import { describe, expect, it } from "vitest";
import { callerHeaders } from "../../src/credential.ts";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { serve } from "../support/upstream/listen.ts";
import { CVM, startScripted } from "../support/upstream/scripted.ts";

const QUERY = "{ cvms(first: 1) { totalCount } }";
const LIST = "{ cvms(first: 100) { nodes { id name } } }";

describe("the credential of a caller", () => {
  it("is required: an operation without one fails with UNAUTHENTICATED and sends nothing", async () => {
    await using gateway = await startGateway();
    const { errors, data } = await gateway.ask(QUERY, {}, {});
    expect(data).toBeNull();
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "UNAUTHENTICATED",
      retryable: false,
      requestId: expect.any(String),
    });
    expect(await gateway.calls()).toEqual([]);
  });

  it("is not required for fields that need no upstream call", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask("{ __typename errorCatalog { code } }", {}, {});
    expect(data.errorCatalog.map(({ code }: { code: string }) => code)).toContain("OUTCOME_UNKNOWN");
  });

  it.each([
    { "x-api-key": "sandbox-one" },
    { authorization: "Bearer sandbox-one" },
    { authorization: "bearer  sandbox-one" },
  ])("is forwarded to the REST API (%o)", async (headers) => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(LIST, {}, headers);
    const own = (await gateway.ask(LIST, {}, { "x-api-key": "sandbox-one" })).data;
    expect(data).toEqual(own);
  });

  it("is rejected with UNAUTHENTICATED when the REST API does not accept it", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(QUERY, {}, { "x-api-key": "live-key" });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "UNAUTHENTICATED", upstream: { status: 401 } });
    expect(JSON.stringify(errors)).not.toContain("live-key");
  });

  it("never returns data that was fetched with another credential", async () => {
    await using gateway = await startGateway();
    const [one, two] = await Promise.all(
      ["sandbox-one", "sandbox-two"].map(
        async (key) => (await gateway.ask(LIST, {}, { "x-api-key": key })).data.cvms.nodes,
      ),
    );
    expect(one.map(({ name }: { name: string }) => name)).toEqual(
      two.map(({ name }: { name: string }) => name),
    );
    const ids = new Set(one.map(({ id }: { id: string }) => id));
    expect(two.some(({ id }: { id: string }) => ids.has(id))).toBe(false);
  });

  it("is that of its own request, on a connection that other callers use as well", async () => {
    await using stack = new AsyncDisposableStack();
    const upstream = stack.use(await startScripted({ "GET /cvms/web": { body: CVM } }));
    const gateway = createGateway(upstream.url);
    stack.defer(() => gateway.close());
    const server = stack.use(await serve(gateway.app));
    const connection = stack.adopt(new Client(new URL(server.url).origin), (open) => open.close());
    const senders: Record<string, string>[] = [
      { "x-api-key": "one" },
      { "x-api-key": "one" },
      { "x-api-key": "two" },
      { "x-api-key": "two", "x-phala-workspace": "team" },
      { "x-api-key": "one" },
      { authorization: "Bearer one" },
    ];
    for (const sender of senders) {
      const { body } = await connection.request({
        method: "POST",
        path: "/graphql",
        headers: { "content-type": "application/json", ...sender },
        body: JSON.stringify({ query: '{ cvm(id: "web") { id } }' }),
      });
      expect(await body.json()).toEqual({ data: { cvm: { id: CVM.id } } });
    }
    const sent = upstream.requests.map(({ headers }) =>
      Object.fromEntries(callerHeaders.flatMap((name) => (headers[name] ? [[name, headers[name]]] : []))),
    );
    expect(sent).toEqual(senders);
  });

  it("is the only credential that is sent, together with the pinned API version", async () => {
    await using gateway = await startGateway();
    await gateway.ask(QUERY);
    const [call] = await gateway.calls();
    expect(call?.headers).toMatchObject({ "x-phala-version": "2026-05-22" });
  });
});

describe("the request id", () => {
  it("is the id of the client when it is well formed: on the response, in errors, in log lines and upstream", async () => {
    const logs: string[] = [];
    await using gateway = await startGateway({ logs });
    const answer = await gateway.ask(
      '{ cvm(id: "fails-503") { id } }',
      {},
      { "x-api-key": "sandbox-test", "x-request-id": "app-42_x" },
    );
    expect(answer.headers.get("x-request-id")).toBe("app-42_x");
    expect(answer.errors?.[0]?.extensions["requestId"]).toBe("app-42_x");
    const calls = await gateway.calls();
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.every((call) => call.headers["x-request-id"] === "app-42_x")).toBe(true);
    expect(logs.length).toBeGreaterThan(0);
    expect(logs.every((line) => JSON.parse(line).requestId === "app-42_x")).toBe(true);
  });

  it.each(["has space", "x".repeat(65), "<script>"])(
    "is generated when the id of the client is not well formed (%s)",
    async (given) => {
      await using gateway = await startGateway();
      const answer = await gateway.ask(QUERY, {}, { "x-api-key": "sandbox-test", "x-request-id": given });
      expect(answer.headers.get("x-request-id")).toMatch(/^[\w-]{1,64}$/);
      expect(answer.headers.get("x-request-id")).not.toBe(given);
    },
  );

  it("is on the response to a request that is not GraphQL", async () => {
    const { app, close } = createGateway("http://127.0.0.1:9");
    const response = await app.fetch("http://gateway.test/graphql", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: "{",
    });
    expect(response.headers.get("x-request-id")).toMatch(/^[\w-]{1,64}$/);
    const body = await response.json();
    expect(body.errors[0].extensions.requestId).toBe(response.headers.get("x-request-id"));
    await close();
  });
});

describe("an upstream URL that cannot be reached", () => {
  it("fails with UPSTREAM_UNAVAILABLE and a message that nothing was sent", async () => {
    const { app, close } = createGateway("http://127.0.0.1:1");
    const { errors } = await ask(
      app,
      'mutation { configureCvm(input: { id: "x", vcpu: 1 }) { __typename } }',
    );
    expect(errors?.[0]).toMatchObject({
      message: expect.stringContaining("Nothing was sent"),
      extensions: { code: "UPSTREAM_UNAVAILABLE" },
    });
    await close();
  });
});
