import { describe, expect, it } from "vitest";
import { ask, createGateway, startGateway } from "../support/gateway.ts";
import { listWrites } from "../support/mutations.ts";
import { startScripted } from "../support/upstream/scripted.ts";

function call(name: string, type = "CvmRefInput", selection = "status correlationId"): string {
  return `mutation ($input: ${type}!) { ${name}(input: $input) { ${selection} } }`;
}

const calls = [
  { name: "startCvm", id: "stopped-app", path: "start", after: "RUNNING" },
  { name: "stopCvm", id: "web-phala", path: "stop", after: "STOPPED" },
  { name: "shutdownCvm", id: "web-phala", path: "shutdown", after: "STOPPED" },
  { name: "restartCvm", id: "web-phala", path: "restart", after: "RUNNING" },
] as const;

describe.each(calls)("$name", ({ name, id, path, after }) => {
  const type = name === "restartCvm" ? "RestartCvmInput" : "CvmRefInput";

  it("sends one request and returns the correlation id of the operation that it started", async () => {
    await using gateway = await startGateway();
    const { data, errors } = await gateway.ask(call(name, type), { input: { id } });
    expect(errors).toBeUndefined();
    expect(data[name].status).toBe("IN_PROGRESS");
    const made = await gateway.calls();
    expect(listWrites(made)).toEqual([`POST /cvms/${id}/${path}`]);
    // The emergency stop never waits for other writes, so it does not read the CVM that a name stands for.
    expect(made).toHaveLength(name === "stopCvm" ? 2 : 3);
    const { data: found } = await gateway.ask(`{ cvm(id: "${id}") { progress { correlationId } } }`);
    expect(found.cvm.progress.correlationId).toBe(data[name].correlationId);
    await gateway.advance(10_000);
    const { data: ended } = await gateway.ask(`{ cvm(id: "${id}") { status } }`);
    expect(ended.cvm.status).toBe(after);
  });

  it("makes one upstream call for a cvm_ id when no correlation id is selected", async () => {
    await using gateway = await startGateway();
    const { data } = await gateway.ask(`{ cvm(id: "${id}") { id } }`);
    await gateway.calls();
    await gateway.ask(call(name, type, "status message"), { input: { id: data.cvm.id } });
    expect(await gateway.calls()).toHaveLength(1);
  });

  it("rejects an invalid identifier or a missing credential and sends nothing", async () => {
    await using gateway = await startGateway();
    const wrong = await gateway.ask(call(name, type), { input: { id: "a/../b" } });
    expect(wrong.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.id" }],
    });
    const nobody = await gateway.ask(call(name, type), { input: { id } }, {});
    expect(nobody.errors?.[0]?.extensions.code).toBe("UNAUTHENTICATED");
    expect(await gateway.calls()).toEqual([]);
  });

  it("is sent once when the response is lost", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(call(name, type), { input: { id: "fails-reset" } });
    expect(["OUTCOME_UNKNOWN", "UPSTREAM_REFUSED", "BAD_USER_INPUT"]).toContain(errors?.[0]?.extensions.code);
    expect(listWrites(await gateway.calls())).toEqual([`POST /cvms/fails-reset/${path}`]);
  });
});

it("restartCvm sends the force flag, false by default", async () => {
  await using gateway = await startGateway();
  await gateway.ask(call("restartCvm", "RestartCvmInput", "status"), { input: { id: "web-phala" } });
  await gateway.ask(call("restartCvm", "RestartCvmInput", "status"), {
    input: { id: "web-legacy", force: true },
  });
  const writes = (await gateway.calls()).filter(({ method }) => method === "POST");
  expect(writes.map(({ body }) => body)).toEqual([{ force: false }, { force: true }]);
});

it("stopCvm cancels a running update, while startCvm and shutdownCvm fail with OPERATION_IN_PROGRESS", async () => {
  await using gateway = await startGateway();
  for (const name of ["startCvm", "shutdownCvm"]) {
    const { errors } = await gateway.ask(call(name), { input: { id: "busy-updating" } });
    expect(errors?.[0]?.extensions).toMatchObject({ code: "OPERATION_IN_PROGRESS", retryable: true });
  }
  const { data } = await gateway.ask(call("stopCvm"), { input: { id: "busy-updating" } });
  expect(data.stopCvm.status).toBe("IN_PROGRESS");
});

describe("correlationId", () => {
  it("is null when the progress of the CVM belongs to another operation", async () => {
    const cvm = {
      id: "cvm_lagging1",
      name: "lagging",
      status: "updating",
      resource: {},
      progress: { target: "running", started_at: null, correlation_id: "the-update" },
    };
    await using upstream = await startScripted(() => ({ body: cvm }));
    const { app, close } = createGateway(upstream.url);
    const { data } = await ask(
      app,
      'mutation { stopCvm(input: { id: "lagging" }) { correlationId } restartCvm(input: { id: "other" }) { correlationId } }',
    );
    expect(data).toEqual({ stopCvm: { correlationId: null }, restartCvm: { correlationId: "the-update" } });
    await close();
  });
});
