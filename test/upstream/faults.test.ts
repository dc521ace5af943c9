import { afterEach, describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { type Fault, startRawUpstream } from "../support/upstream/raw.ts";
import { matrix } from "./fault-matrix.ts";

const READ = '{ cvm(id: "web") { id } }';
const WRITE = 'mutation { configureCvm(input: { id: "web", vcpu: 2 }) { __typename } }';
const BUDGETS = { UPSTREAM_READ_TIMEOUT_MS: "400", UPSTREAM_WRITE_TIMEOUT_MS: "400" };

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  await Promise.all(closers.splice(0).map((close) => close()));
});

async function send(fault: Fault, query: string, environment: Readonly<Record<string, string>> = BUDGETS) {
  const upstream = await startRawUpstream(fault);
  const { app, close } = createGateway(upstream.url, { environment });
  closers.push(async () => {
    await upstream[Symbol.asyncDispose]();
    await close();
  });
  const answer = await ask(app, query, {}, { "x-api-key": "canary-key-1234" });
  return { answer, upstream, error: answer.errors?.[0]?.extensions };
}

describe.each(matrix)("when the upstream responds with %s", (_name, fault, read, write) => {
  it.each([
    ["read", READ, read],
    ["write", WRITE, write],
  ] as const)("a %s ends with the documented code and number of sends", async (_kind, query, expected) => {
    const { answer, error, upstream } = await send(fault, query, {
      UPSTREAM_READ_TIMEOUT_MS: "2500",
      UPSTREAM_WRITE_TIMEOUT_MS: "2500",
      ...(/hang|trickle/.test(_name) ? BUDGETS : {}),
    });
    expect(error?.code ?? null).toBe(expected.code);
    expect(upstream.countHeads()).toBe(expected.sends);
    if (expected.retryable !== undefined) expect(error?.["retryable"]).toBe(expected.retryable);
    if (expected.retryAfterMs !== undefined) expect(error?.["retryAfterMs"]).toBe(expected.retryAfterMs);
    if (expected.code === null) expect(answer.data.configureCvm.__typename).toBe("OnChainHashRequired");
    expect(JSON.stringify(answer)).not.toContain("canary-key-1234");
  });
});
