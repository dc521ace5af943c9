import { describe, expect, it } from "vitest";
import { setVcpu } from "../support/mutations.ts";
import { askThroughFault, READ, SHORT_TIMEOUTS } from "./ask-through-fault.ts";
import { matrix } from "./fault-matrix.ts";

describe.concurrent.each(matrix)("when the upstream responds with %s", (_name, fault, read, write) => {
  it.each([
    ["read", READ, read],
    ["write", setVcpu("cvm_web"), write],
  ] as const)("a %s ends with the documented code and number of sends", async (_kind, query, expected) => {
    const { answer, error, upstream } = await askThroughFault(fault, query, {
      UPSTREAM_READ_TIMEOUT_MS: "4000",
      UPSTREAM_WRITE_TIMEOUT_MS: "4000",
      ...(/hang|trickle/.test(_name) ? SHORT_TIMEOUTS : {}),
    });
    expect(error?.code ?? null).toBe(expected.code);
    expect(upstream.countHeads()).toBe(expected.sends);
    if (expected.retryable !== undefined) expect(error?.["retryable"]).toBe(expected.retryable);
    if (expected.retryAfterMs !== undefined) expect(error?.["retryAfterMs"]).toBe(expected.retryAfterMs);
    if (expected.code === null) {
      expect(answer.data.configureCvm.__typename).toBe(expected.outcome ?? "OnChainHashRequired");
    }
    expect(JSON.stringify(answer)).not.toContain("canary-key-1234");
  });
});
