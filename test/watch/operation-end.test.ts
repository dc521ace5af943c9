import { describe, expect, it } from "vitest";
import { FOLLOW, openStream, startStreamingGateway } from "../support/streaming-gateway.ts";

describe("the end of an operation stream", () => {
  it("is not reported before the history records it, even if the CVM runs", async () => {
    await using gateway = await startStreamingGateway();
    // Neither the history nor the node shows the fresh operation yet.
    gateway.proxy.rule = ({ path }, json) => {
      if (path.includes("/operations"))
        return { status: 200, body: { items: [], next_cursor: null, total: 0 } };
      if (path !== "/status/batch") return null;
      const quiet = { status: "running", in_progress: false, boot_progress: "done", operation: null };
      return {
        status: 200,
        body: Object.fromEntries(Object.keys(json).map((vmUuid) => [vmUuid, quiet])),
      };
    };
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "UNKNOWN", percent: 0 });
    await gateway.advance(100);
    gateway.proxy.rule = () => null;
    let result = await stream.next();
    // A poll that began before the rule ended can have the answer of the quiet node next to the new history.
    if (result.data.operation.percent === 0) {
      expect(result.data.operation.status).toBe("IN_PROGRESS");
      result = await stream.next();
    }
    expect(result.data.operation).toMatchObject({ status: "IN_PROGRESS", percent: 5 });
    await gateway.jump(10_000);
    expect((await stream.next()).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
    expect(await stream.next()).toBeNull();
  });

  it("waits for the history when the node reports no operation anymore, and keeps the percentage", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await stream.next();
    await gateway.jump(8_600);
    expect((await stream.next()).data.operation).toMatchObject({ step: "starting containers", percent: 88 });
    gateway.proxy.rule = ({ path }) =>
      path.includes("/operations")
        ? {
            status: 200,
            body: {
              items: [{ correlation_id: correlationId, operation_type: "x", status: "in_progress" }],
              next_cursor: null,
            },
          }
        : null;
    await gateway.advance(2_000);
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS", percent: 88 });
    gateway.proxy.rule = () => null;
    expect((await stream.next()).data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
  });

  it("reports a boot error of this operation as its failure, and ignores one of an earlier boot", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const pretend = (status: string) => {
      gateway.proxy.rule = ({ path }, json) => {
        if (path !== "/status/batch") return null;
        const state = {
          status,
          in_progress: true,
          boot_progress: "requesting app keys",
          boot_error: "no keys",
          operation: { type: "x", phase: "boot", correlation_id: correlationId },
        };
        return { status: 200, body: Object.fromEntries(Object.keys(json).map((vmUuid) => [vmUuid, state])) };
      };
    };
    pretend("shutting_down");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS", errorMessage: null });
    pretend("starting");
    expect((await stream.next()).data.operation).toMatchObject({ status: "FAILED", errorMessage: "no keys" });
    expect(await stream.next()).toBeNull();
  });

  it("is found in the history when the node names no operation", async () => {
    await using gateway = await startStreamingGateway();
    gateway.proxy.rule = ({ path }, json) => {
      if (path !== "/status/batch") return null;
      const states = Object.keys(json).map((vmUuid) => [vmUuid, { ...json[vmUuid], operation: null }]);
      return { status: 200, body: Object.fromEntries(states) };
    };
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    expect((await stream.next()).data.operation).toMatchObject({ status: "IN_PROGRESS" });
    await gateway.jump(10_000);
    let result = await stream.next();
    while (result.data.operation.status === "IN_PROGRESS") result = await stream.next();
    expect(result.data.operation).toMatchObject({ status: "COMPLETED", percent: 100 });
  });
});
