import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";

describe("a write to a CVM that has an operation in progress", () => {
  it("fails with OPERATION_IN_PROGRESS and the correlation id of that operation", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8 } });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "OPERATION_IN_PROGRESS",
      correlationId: data.configureCvm.correlationId,
      retryAfterMs: expect.any(Number),
    });
  });

  it("waits with waitIfBusySeconds and is sent when the CVM is free", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const waiting = gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8, waitIfBusySeconds: 10 } });
    await gateway.advance(15_000);
    const { data, errors } = await waiting;
    expect(errors).toBeUndefined();
    expect(data.configureCvm.status).toBe("IN_PROGRESS");
    expect((await gateway.calls()).filter(({ status }) => status === 202)).toHaveLength(1);
  });

  it("fails with OPERATION_IN_PROGRESS when that time is over", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 8, waitIfBusySeconds: 1 },
    });
    expect(errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
    expect(
      (await gateway.calls()).filter(({ method }) => method !== "GET").every(({ status }) => status === 409),
    ).toBe(true);
  });

  it.each([-1, 121])("rejects waitIfBusySeconds of %i and sends nothing", async (waitIfBusySeconds) => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(CONFIGURE, {
      input: { id: "web-phala", vcpu: 8, waitIfBusySeconds },
    });
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.waitIfBusySeconds" }],
    });
    expect(await gateway.calls()).toEqual([]);
  });
});
