import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIRM, UPDATE_VISIBILITY } from "../support/mutations.ts";

describe("updateCvmVisibility", () => {
  it("returns NO_CHANGE for the present values, although the REST API does not report it", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", publicSysinfo: true, publicLogs: false };
    const first = await gateway.ask(UPDATE_VISIBILITY, { input });
    expect(first.data.updateCvmVisibility.status).toBe("IN_PROGRESS");
    expect(first.data.updateCvmVisibility.correlationId).toMatch(/^[0-9a-f-]{36}$/);
    expect((await gateway.calls()).map(({ method, body }) => [method, body])).toEqual([
      ["GET", null],
      ["PATCH", { public_sysinfo: true, public_logs: false }],
      ["GET", null],
    ]);
    await gateway.advance(11_000);
    const second = await gateway.ask(UPDATE_VISIBILITY, { input });
    expect(second.data.updateCvmVisibility).toMatchObject({ status: "NO_CHANGE", correlationId: null });
    const { data } = await gateway.ask(
      `{ cvm(id: "web-phala") { visibility { publicSysinfo publicLogs publicTcbinfo } } }`,
    );
    expect(data.cvm.visibility).toEqual({ publicSysinfo: true, publicLogs: false, publicTcbinfo: true });
  });

  it("returns OnChainHashRequired for an on-chain KMS, and confirmCvmPatch completes the change", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(UPDATE_VISIBILITY, {
      input: { id: "web-base", publicSysinfo: false, publicLogs: false, publicTcbinfo: false },
    });
    const required = data.updateCvmVisibility;
    expect(required.__typename).toBe("OnChainHashRequired");
    const transactionHash = await gateway.sendTransaction(required.transaction);
    const confirmed = await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: required.composeHash, transactionHash },
    });
    expect(confirmed.data.confirmCvmPatch.status).toBe("IN_PROGRESS");
    await gateway.advance(10_000);
    const after = await gateway.ask(`{ cvm(id: "web-base") { visibility { publicLogs } compose { hash } } }`);
    expect(after.data.cvm).toEqual({
      visibility: { publicLogs: false },
      compose: { hash: required.composeHash },
    });
  });
});
