import { describe, expect, test } from "vitest";
import { z } from "zod";
import { startSandbox } from "../../sandbox/server.ts";
import { register, requestHash, rpc } from "../support/chain/sandbox-chain.ts";
import { startTestSandbox } from "../support/sandbox-client.ts";
import vector from "../vectors/on-chain-call.json" with { type: "json" };

describe("the journal", () => {
  test("records every request below the base path, oldest first, without credentials", async () => {
    await using sandbox = await startTestSandbox();
    await sandbox.call("GET", "/cvms/paginated?page=2&tag=a&tag=b");
    await sandbox.call(
      "PATCH",
      "/cvms/web-phala",
      { vcpu: 2 },
      { authorization: "Bearer secret", cookie: "a=b", "X-Prepare-Only": "true" },
    );
    await sandbox.call("PATCH", "/cvms/no-script/docker-compose", "services: {}\n", {
      "content-type": "text/yaml",
    });
    await fetch(`${sandbox.url}/cvms/nobody`);
    await sandbox.call("GET", "/unknown");
    const journal = await sandbox.journal();
    expect(journal.map(({ method, path, body, status }) => [method, path, body, status])).toEqual([
      ["GET", "/cvms/paginated", null, 200],
      ["PATCH", "/cvms/web-phala", { vcpu: 2 }, 202],
      ["PATCH", "/cvms/no-script/docker-compose", "services: {}\n", 202],
      ["GET", "/cvms/nobody", null, 401],
      ["GET", "/unknown", null, 404],
    ]);
    expect(journal[0]?.query).toEqual({ page: "2", tag: ["a", "b"] });
    expect(journal[1]?.headers).toMatchObject({
      "content-type": "application/json",
      "x-prepare-only": "true",
    });
    const text = JSON.stringify(journal);
    expect(text).not.toMatch(/sandbox-demo|secret|a=b|x-api-key|authorization|cookie/);
  });

  test("does not record the control endpoints, and can be cleared", async () => {
    await using sandbox = await startTestSandbox();
    await sandbox.advance(1);
    expect(await sandbox.journal()).toEqual([]);
    await sandbox.call("GET", "/auth/me");
    expect(await sandbox.journal()).toHaveLength(1);
    const emptied = await fetch(`${sandbox.origin}/__sandbox/journal`, { method: "DELETE" });
    expect(emptied.status).toBe(204);
    expect(await sandbox.journal()).toEqual([]);
  });
});

describe("the clock", () => {
  test("stops at time scale 0, and advances by exactly the requested time", async () => {
    await using sandbox = await startTestSandbox();
    const read = async () => {
      const response = await fetch(`${sandbox.origin}/__sandbox/clock`);
      return z.strictObject({ now: z.iso.datetime(), timeScale: z.number() }).parse(await response.json());
    };
    const before = await read();
    expect(await read()).toEqual({ now: before.now, timeScale: 0 });
    await sandbox.advance(5_000);
    expect(await read()).toEqual({
      now: new Date(Date.parse(before.now) + 5_000).toISOString(),
      timeScale: 0,
    });
  });

  test.each([{ ms: -1 }, { ms: "5" }, {}, []])("cannot be advanced with the body %j: 422", async (body) => {
    await using sandbox = await startTestSandbox();
    const response = await fetch(`${sandbox.origin}/__sandbox/advance`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(422);
  });
});

describe("a sandbox", () => {
  test("listens on 127.0.0.1 at the requested port", async () => {
    const first = await startSandbox();
    await first.close();
    await using second = await startSandbox({ port: first.port });
    expect(second.url).toBe(`http://127.0.0.1:${first.port}/api/v1`);
    await expect(startSandbox({ port: first.port })).rejects.toMatchObject({ code: "EADDRINUSE" });
  });

  test("can be closed while streams and slow requests are open", async () => {
    const sandbox = await startTestSandbox();
    const stream = await fetch(`${sandbox.url}/cvms/web-phala/state?target=stopped`, {
      headers: { "x-api-key": "sandbox-demo" },
    });
    const slow = sandbox.call("GET", "/cvms/fails-slow").catch(() => "cut");
    await sandbox.close();
    await sandbox.close();
    await expect(Promise.all([slow, stream.text().catch(() => "cut")])).resolves.toBeDefined();
    await expect(fetch(sandbox.url)).rejects.toThrow("fetch failed");
  });
});

// Selectors as `cast sig` prints them.
const READS = { owner: "0x8da5cb5b", allowAnyDevice: "0x3440a16a", allowedComposeHashes: "0x2f6622e5" };

describe("the JSON-RPC endpoint", () => {
  test("accepts a transaction with a decimal chain id, and returns a receipt with the event", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const transactionHash = await register(sandbox, app, hash);
    expect(await rpc(sandbox, "eth_getTransactionReceipt", [transactionHash])).toMatchObject({
      status: "0x1",
      to: app,
      logs: [{ address: app, topics: [vector.composeHashAddedTopic], data: `0x${hash}` }],
    });
    expect(await rpc(sandbox, "eth_getTransactionReceipt", [`0x${"00".repeat(32)}`])).toBeNull();
    expect(await rpc(sandbox, "eth_getTransactionByHash", [transactionHash])).toMatchObject({
      chainId: "0x2105",
    });
  });

  test("answers the view functions of an app contract", async () => {
    await using sandbox = await startTestSandbox();
    const { hash, app } = await requestHash(sandbox);
    const [owner] = z.array(z.string()).parse(await rpc(sandbox, "eth_accounts", []));
    const call = (data: string) => rpc(sandbox, "eth_call", [{ to: app, data }, "latest"]);
    const word = (hex: string) => `0x${hex.padStart(64, "0")}`;
    expect(await call(READS.owner)).toBe(word(owner?.slice(2) ?? ""));
    expect(await call(READS.allowedComposeHashes + hash)).toBe(word("0"));
    await register(sandbox, app, hash);
    expect(await call(READS.allowedComposeHashes + hash)).toBe(word("1"));
    expect(await call(READS.allowAnyDevice)).toBe(word("0"));
    expect(await call("0xdeadbeef")).toMatchObject({ code: 3 });
    expect(await rpc(sandbox, "eth_getCode", [app])).not.toBe("0x");
    expect(await rpc(sandbox, "eth_getCode", [`0x${"11".repeat(20)}`])).toBe("0x");
  });

  test("serves each chain at its own path, and answers JSON-RPC errors", async () => {
    await using sandbox = await startTestSandbox();
    expect(await rpc(sandbox, "eth_chainId", [])).toBe("0x2105");
    expect(await rpc(sandbox, "eth_chainId", [], "/rpc/1")).toBe("0x1");
    expect(await rpc(sandbox, "eth_unknown", [])).toMatchObject({ code: -32601 });
    expect(await rpc(sandbox, "eth_sendTransaction", [{ to: "nowhere" }])).toMatchObject({ code: -32602 });
    const wrongChain = { chainId: 8453, to: `0x${"11".repeat(20)}` };
    expect(await rpc(sandbox, "eth_sendTransaction", [wrongChain], "/rpc/1")).toMatchObject({ code: -32602 });
  });
});
