import { setTimeout as sleep } from "node:timers/promises";
import { createClient as createWsClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { KEY, startStreamingGateway, until, WATCH } from "../support/streaming-gateway.ts";

const SECRET = "hunter2-never-shown";

/** Send messages on a raw socket. @returns the received messages and the close code. */
async function talk(url: string, protocol: string, messages: readonly unknown[], waitMs = 300) {
  const socket = new WebSocket(url.replace("http", "ws"), protocol);
  const received: { type: string; id?: string; payload?: unknown }[] = [];
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  socket.on("message", (data) => received.push(JSON.parse(String(data))));
  socket.on("error", () => undefined);
  await Promise.race([closed, new Promise((resolve) => socket.once("open", resolve))]);
  for (const [index, message] of messages.entries()) {
    if (index > 0) await until(() => received.length >= index);
    if (socket.readyState === socket.OPEN) {
      socket.send(typeof message === "string" ? message : JSON.stringify(message));
    }
  }
  const code = await Promise.race([closed, sleep(waitMs, null)]);
  socket.terminate();
  return { received, code };
}

describe("a WebSocket", () => {
  const init = { type: "connection_init", payload: { "X-API-Key": KEY } };
  const run = (query: string, variables: unknown = {}) => ({
    type: "subscribe",
    id: "1",
    payload: { query, variables },
  });

  it("accepts queries, mutations and subscriptions", async () => {
    await using gateway = await startStreamingGateway();
    const client = createWsClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { authorization: `Bearer ${KEY}` },
    });
    const [read] = await Array.fromAsync(client.iterate({ query: '{ cvm(id: "web-phala") { name } }' }));
    expect(read).toEqual({ data: { cvm: { name: "web-phala" } } });
    const [written] = await Array.fromAsync(
      client.iterate({
        query: 'mutation { configureCvm(input: { id: "web-phala", vcpu: 8 }) { __typename } }',
      }),
    );
    expect(written).toEqual({ data: { configureCvm: { __typename: "InProgress" } } });
    for await (const event of client.iterate({ query: WATCH, variables: { id: "no-script" } })) {
      expect(event).toMatchObject({ data: { cvmState: { status: "RUNNING" } } });
      break;
    }
    expect.assertions(3);
    await client.dispose();
  });

  it("reports an unknown operationName with the names that the document has", async () => {
    await using gateway = await startStreamingGateway();
    const payload = { query: "query Read { __typename } query List { __typename }", operationName: "Raed" };
    const { received } = await talk(gateway.url, "graphql-transport-ws", [
      init,
      { type: "subscribe", id: "1", payload },
    ]);
    expect(received[1]).toMatchObject({
      type: "error",
      payload: [
        {
          message: 'The document has no operation named "Raed". It has "Read", "List".',
          extensions: { code: "OPERATION_RESOLUTION_FAILURE" },
        },
      ],
    });
  });

  it("uses the credential of the upgrade request when connectionParams have none", async () => {
    await using gateway = await startStreamingGateway();
    class WithKey extends WebSocket {
      constructor(url: string, protocols: string) {
        super(url, protocols, { headers: { "x-api-key": KEY } });
      }
    }
    const client = createWsClient({ url: gateway.url.replace("http", "ws"), webSocketImpl: WithKey });
    const [read] = await Array.fromAsync(client.iterate({ query: '{ cvm(id: "web-phala") { name } }' }));
    expect(read).toEqual({ data: { cvm: { name: "web-phala" } } });
    await client.dispose();
  });

  it.each([{}, { "X-Phala-Workspace": "NOT A SLUG" }, { "X-API-Key": " " }])(
    "is closed with 4403 and no acknowledgement without a credential (%j)",
    async (payload) => {
      await using gateway = await startStreamingGateway();
      const init = { type: "connection_init", payload };
      const { received, code } = await talk(gateway.url, "graphql-transport-ws", [init], 2_000);
      expect({ received, code }).toEqual({ received: [], code: 4403 });
      expect(gateway.proxy.calls).toEqual([]);
    },
  );

  it.each([
    ["a syntax error", `{ cvm(id: "${SECRET}" }`, {}, "GRAPHQL_PARSE_FAILED"],
    ["an unknown field", "{ nothing }", {}, "GRAPHQL_VALIDATION_FAILED"],
    ["a wrong variable", WATCH, { id: { secret: SECRET } }, "BAD_USER_INPUT"],
    [
      "a wrong literal",
      `subscription { cvmState(id: { a: "${SECRET}" }) { status } }`,
      {},
      "GRAPHQL_VALIDATION_FAILED",
    ],
  ])("reports %s with the same code as HTTP, without the value", async (_name, query, variables, code) => {
    await using gateway = await startStreamingGateway();
    const { received } = await talk(gateway.url, "graphql-transport-ws", [init, run(query, variables)]);
    expect(received[1]).toMatchObject({ type: "error", payload: [{ extensions: { code } }] });
    expect(JSON.stringify(received)).not.toContain(SECRET);
    expect(JSON.stringify(received)).not.toContain('"http"');
  });

  it.each([
    ["another subprotocol", "graphql-ws", [init], 4406],
    ["no initialisation", "graphql-transport-ws", [run(WATCH)], 4401],
    ["a message that is not JSON", "graphql-transport-ws", ["{"], 4400],
    ["a message that is too large", "graphql-transport-ws", [`"${"x".repeat(5 * 1024 * 1024)}"`], 1009],
  ])("is closed with the documented code on %s", async (_name, protocol, messages, expected) => {
    await using gateway = await startStreamingGateway();
    const { code } = await talk(gateway.url, protocol, messages, 2_000);
    // A client closes the connection itself when its subprotocol is not accepted.
    expect([expected, ...(expected === 4406 ? [1006] : [])]).toContain(code);
  });

  it("is rejected with 404 at any path other than /graphql", async () => {
    await using gateway = await startStreamingGateway();
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/other`, "graphql-transport-ws");
    const error = await new Promise<Error>((resolve) => socket.once("error", resolve));
    expect(error.message).toContain("404");
  });
});
