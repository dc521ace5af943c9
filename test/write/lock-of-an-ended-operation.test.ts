import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { CONFIGURE, listWrites } from "../support/mutations.ts";
import { FOLLOW, KEY, openStream, startStreamingGateway, until } from "../support/streaming-gateway.ts";
import type { Reply } from "../support/upstream/reply.ts";
import { CVM, nameCall, startScripted } from "../support/upstream/scripted.ts";

const BUSY: Reply = { status: 409, body: { detail: "Another operation is already in progress" } };
const ACCEPTED: Reply = { status: 202, body: { correlation_id: "op-1", status: "in_progress" } };

/** Start a REST API whose CVM is always idle and that answers one write after the other. The last answer stays. */
async function startLocked(answers: readonly Reply[], cvms: readonly object[] = [CVM]) {
  let writes = 0;
  let reads = 0;
  const next = <T>(list: readonly T[], index: number) => list[Math.min(index, list.length - 1)];
  const upstream = await startScripted(({ method }): Reply => {
    if (method !== "GET") return next(answers, writes++) ?? BUSY;
    return { body: next(cvms, reads++) ?? CVM };
  });
  return { ...upstream, listCalls: () => upstream.requests.map(nameCall) };
}

/** Send one change through a gateway of its own. */
async function configure(url: string, input: object = {}, environment: Record<string, string> = {}) {
  const { app, close } = createGateway(url, { environment });
  try {
    return await ask(app, CONFIGURE, { input: { id: CVM.id, vcpu: 2, ...input } });
  } finally {
    await close();
  }
}

describe("a write after the end of an operation", () => {
  it("is accepted when the client has seen COMPLETED, although the REST API still holds the lock", async () => {
    await using gateway = await startStreamingGateway();
    const correlationId = await gateway.update("web-phala");
    const stream = await openStream(gateway.app, FOLLOW, { cvmId: "web-phala", correlationId });
    await stream.next();
    await gateway.jump(10_000);
    expect((await stream.next()).data.operation.status).toBe("COMPLETED");
    await gateway.clearJournal();

    const change = ask(gateway.app, CONFIGURE, { input: { id: "web-phala", vcpu: 2 } }, { "x-api-key": KEY });
    await until(async () => (await gateway.readJournal()).some(({ status }) => status === 409));
    await gateway.jump(1_000);
    const { data, errors } = await change;

    expect(errors).toBeUndefined();
    expect(data.configureCvm).toMatchObject({ __typename: "InProgress", status: "IN_PROGRESS" });
    expect(data.configureCvm.correlationId).not.toBe(correlationId);
    const calls = (await gateway.readJournal()).filter(({ path }) => path !== "/status/batch");
    expect(calls.map(({ method, path, status }) => `${method} ${path} ${status}`)).toEqual([
      "GET /cvms/web-phala 200",
      "PATCH /cvms/web-phala 409",
      "GET /cvms/web-phala 200",
      "PATCH /cvms/web-phala 202",
    ]);
  });

  it("fails with OPERATION_IN_PROGRESS when the lock lasts longer than three seconds", async () => {
    await using upstream = await startLocked([BUSY]);
    const { errors } = await configure(upstream.url);
    expect(errors?.[0]?.extensions).toMatchObject({
      code: "OPERATION_IN_PROGRESS",
      retryable: true,
      retryAfterMs: expect.any(Number),
    });
    expect(upstream.listCalls()).toEqual([
      "PATCH /cvms/cvm_web",
      "GET /cvms/cvm_web",
      "PATCH /cvms/cvm_web",
      "PATCH /cvms/cvm_web",
    ]);
  });

  it("is not sent again when the answer of the repeat is lost", async () => {
    await using upstream = await startLocked([BUSY, { status: 502, body: "<html>bad gateway</html>" }]);
    const { errors } = await configure(upstream.url);
    expect(errors?.[0]?.extensions.code).toBe("OUTCOME_UNKNOWN");
    expect(upstream.listCalls()).toEqual(["PATCH /cvms/cvm_web", "GET /cvms/cvm_web", "PATCH /cvms/cvm_web"]);
  });

  it("is not sent again when the configuration has changed in the meantime", async () => {
    const changed = { ...CVM, resource: { ...CVM.resource, vcpu: 8 } };
    await using upstream = await startLocked([BUSY, ACCEPTED], [CVM, CVM, changed]);
    const { app, close } = createGateway(upstream.url);
    const { data } = await ask(app, '{ cvm(id: "web") { configVersion } }');
    await close();
    const { errors } = await configure(upstream.url, { expectedVersion: data.cvm.configVersion });
    expect(errors?.[0]?.extensions.code).toBe("VERSION_CONFLICT");
    expect(listWrites(upstream.requests)).toEqual(["PATCH /cvms/cvm_web"]);
  });

  it("is not sent again when the time of the request would end first", async () => {
    await using upstream = await startLocked([BUSY, ACCEPTED]);
    const { errors } = await configure(upstream.url, {}, { REQUEST_TIMEOUT_MS: "1500" });
    expect(errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
    expect(upstream.listCalls()).toEqual(["PATCH /cvms/cvm_web", "GET /cvms/cvm_web"]);
  });

  it("is not sent again while an operation is running", async () => {
    await using gateway = await startGateway();
    await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 4 } });
    await gateway.calls();
    const { errors } = await gateway.ask(CONFIGURE, { input: { id: "web-phala", vcpu: 8 } });
    expect(errors?.[0]?.extensions.code).toBe("OPERATION_IN_PROGRESS");
    const calls = await gateway.calls();
    expect(calls.map(({ method, status }) => `${method} ${status}`)).toEqual([
      "GET 200",
      "PATCH 409",
      "GET 200",
    ]);
  });
});
