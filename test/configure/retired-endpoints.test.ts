import { describe, expect, it } from "vitest";
import type { Answer } from "../support/gateway.ts";
import { UPDATE_RESOURCES, UPDATE_VISIBILITY } from "../support/mutations.ts";
import { precondition, startScripted } from "../support/upstream/scripted.ts";
import { askScripted } from "./ask-scripted.ts";

const ACCEPTED = { status: 202, body: { correlation_id: "corr-1", status: "in_progress", message: "ok" } };

const RESOURCES = {
  query: UPDATE_RESOURCES,
  name: "updateCvmResources",
  path: "/cvms/web/resources",
  input: { vcpu: 2, memoryMb: 4096, instanceType: "tdx.medium", allowRestart: true },
  wire: { vcpu: 2, memory: 4096, instance_type: "tdx.medium", allow_restart: true },
};
const VISIBILITY = {
  query: UPDATE_VISIBILITY,
  name: "updateCvmVisibility",
  path: "/cvms/web/visibility",
  input: { publicSysinfo: false, publicLogs: true, publicTcbinfo: false },
  wire: { public_sysinfo: false, public_logs: true, public_tcbinfo: false },
};

const gone = [
  ["404 with the text of the framework", { status: 404, body: { detail: "Not Found" } }],
  ["404 with an HTML page", { status: 404, body: "<html>404</html>" }],
  ["405", { status: 405, body: { detail: "Method Not Allowed" } }],
] as const;

describe.each([[RESOURCES], [VISIBILITY]])("$name", ({ query, name, path, input, wire }) => {
  const read = (answer: Answer) => answer.data?.[name];

  it.each(gone)("sends the same fields with PATCH /cvms/{id} after a %s", async (_what, reply) => {
    await using upstream = await startScripted({ [`PATCH ${path}`]: reply, "PATCH /cvms/web": ACCEPTED });
    const { answer, writes } = await askScripted(upstream, query, input);
    expect(answer.errors).toBeUndefined();
    expect(read(answer)).toMatchObject({ status: "IN_PROGRESS", correlationId: "corr-1" });
    expect(writes).toEqual([
      [`PATCH ${path}`, wire],
      ["PATCH /cvms/web", wire],
    ]);
  });

  it.each([
    ["a CVM that does not exist", 404, { error_code: "ERR-03-001", message: "CVM not found" }, "NOT_FOUND"],
    ["a busy CVM", 409, { detail: "Another operation is already in progress" }, "OPERATION_IN_PROGRESS"],
    ["an answer of a proxy", 502, "<html>502</html>", "OUTCOME_UNKNOWN"],
    ["a server error", 500, { detail: "Not Found" }, "UPSTREAM_UNAVAILABLE"],
  ])("sends nothing more after %s", async (_what, status, body, code) => {
    await using upstream = await startScripted({
      [`PATCH ${path}`]: { status, body },
      "PATCH /cvms/web": ACCEPTED,
    });
    const { answer, writes } = await askScripted(upstream, query, input);
    expect(answer.errors?.[0]?.extensions.code).toBe(code);
    expect(writes.map(([call]) => call)).toEqual([`PATCH ${path}`]);
  });

  it("reports the outcome of the second request, and sends no third", async () => {
    const reply = { status: 404, body: { detail: "Not Found" } };
    await using upstream = await startScripted({
      [`PATCH ${path}`]: reply,
      "PATCH /cvms/web": { status: 504, body: "<html>504</html>" },
    });
    const { answer, writes } = await askScripted(upstream, query, input);
    expect(answer.errors?.[0]?.extensions.code).toBe("OUTCOME_UNKNOWN");
    expect(writes).toHaveLength(2);
  });
});

it("updateCvmVisibility returns OnChainHashRequired from the unified patch", async () => {
  await using upstream = await startScripted({
    "PATCH /cvms/web/visibility": { status: 404, body: { detail: "Not Found" } },
    "PATCH /cvms/web": { status: 465, body: precondition },
  });
  const { answer } = await askScripted(upstream, VISIBILITY.query, VISIBILITY.input);
  expect(answer.data.updateCvmVisibility).toMatchObject({
    __typename: "OnChainHashRequired",
    composeHash: precondition.compose_hash,
  });
});
