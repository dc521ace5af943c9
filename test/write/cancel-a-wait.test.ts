import { createClient } from "graphql-ws";
import { describe, expect, it } from "vitest";
import { WebSocket } from "ws";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIRM, writeMutation } from "../support/mutations.ts";
import { until } from "../support/streaming-gateway.ts";
import { CVM, nameCall, startScripted } from "../support/upstream/scripted.ts";

const input = {
  id: CVM.id,
  composeHash: "ab".repeat(32),
  transactionHash: "cd".repeat(32),
  waitForTransactionSeconds: 60,
};

/** A REST API that does not see the transaction, and a gateway on a port. */
async function start() {
  const upstream = await startScripted(({ method, path }) => {
    if (path.endsWith("/stop")) return { status: 202, body: { status: "in_progress" } };
    return method === "PATCH" ? { status: 467, body: { detail: "not found" } } : { body: CVM };
  });
  const gateway = createGateway(upstream.url);
  const server = await gateway.listen();
  const countConfirmations = () =>
    upstream.requests.filter((call) => nameCall(call).startsWith("PATCH")).length;
  return {
    app: gateway.app,
    url: `${server.url}/graphql`,
    /** Wait for the first confirmation. The next ones follow after 0.5 and 1 seconds. */
    waits: () => until(() => countConfirmations() === 1),
    async countLater() {
      const before = countConfirmations();
      await new Promise((resolve) => setTimeout(resolve, 2_000));
      return countConfirmations() - before;
    },
    async [Symbol.asyncDispose]() {
      await server.drain(100);
      await gateway.close();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

describe("a confirmation that waits for its transaction", () => {
  it("continues after stopCvm, and is cancelled when its HTTP request is aborted", async () => {
    await using gateway = await start();
    const client = new AbortController();
    const left = fetch(gateway.url, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": "k" },
      body: JSON.stringify({ query: CONFIRM, variables: { input } }),
      signal: client.signal,
    }).catch(() => null);
    await gateway.waits();
    const stopped = await ask(gateway.app, writeMutation("stopCvm", "status"), { input: { id: CVM.id } });
    expect(stopped.errors).toBeUndefined();
    expect(await gateway.countLater()).toBeGreaterThan(0);
    client.abort();
    await left;
    expect(await gateway.countLater()).toBe(0);
  });

  it("is cancelled when its operation of a WebSocket ends", async () => {
    await using gateway = await start();
    const client = createClient({
      url: gateway.url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: { "x-api-key": "k" },
    });
    const end = client.subscribe(
      { query: CONFIRM, variables: { input } },
      { next: () => undefined, error: () => undefined, complete: () => undefined },
    );
    await gateway.waits();
    end();
    expect(await gateway.countLater()).toBe(0);
    await client.dispose();
  });
});
