import { describe, expect, it } from "vitest";
import { plan } from "../plan/plan-request.ts";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, PROVISION, UPDATE_ENVS, writeMutation } from "../support/mutations.ts";
import { startScripted } from "../support/upstream/scripted.ts";
import { askScripted } from "./ask-scripted.ts";

const ACCEPTED = {
  status: 202,
  body: { correlation_id: "corr-1", status: "in_progress", message: "Queued" },
};
const YAML = "services:\n  app:\n    image: nginx:1.27\n";

describe("settings that only say how a change is applied", () => {
  it.each([[{ allowForceStop: true }], [{ shutdownTimeoutSeconds: 60, allowForceStop: false }]])(
    "%j: the answer and the plan say that nothing changes",
    async (change) => {
      await using upstream = await startScripted({ "PATCH /cvms/web": ACCEPTED });
      const { answer, writes } = await askScripted(upstream, CONFIGURE, change);
      expect(answer.data.configureCvm.message).toMatch(
        /^Queued\. shutdownTimeoutSeconds .* By themselves they change nothing\.$/,
      );
      expect(writes).toHaveLength(1);
      await using gateway = await startGateway();
      const { problems, changes } = await plan(gateway, { id: "web-phala", ...change });
      expect(changes).toEqual([]);
      expect(problems).toEqual([
        expect.objectContaining({ severity: "WARNING", code: "APPLIES_NOTHING", field: "input" }),
      ]);
    },
  );

  it("the message stays as it is when another setting changes", async () => {
    await using upstream = await startScripted({ "PATCH /cvms/web": ACCEPTED });
    const { answer } = await askScripted(upstream, CONFIGURE, { vcpu: 2, allowForceStop: true });
    expect(answer.data.configureCvm.message).toBe("Queued");
  });
});

describe("an instance type", () => {
  it("is sent by configureCvm, and is shown by the plan", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", instanceType: "tdx.medium" };
    const { changes, problems } = await plan(gateway, input);
    expect(changes).toEqual([expect.objectContaining({ field: "instanceType", after: "tdx.medium" })]);
    expect(problems).toEqual([]);
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors).toBeUndefined();
    const patch = (await gateway.calls()).at(-1);
    expect(patch).toMatchObject({ method: "PATCH", body: { instance_type: "tdx.medium" } });
  });

  it.each([[{ vcpu: 2 }], [{ memoryMb: 4096 }]])("with %j is a warning of the plan", async (size) => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "web-phala", instanceType: "tdx.medium", ...size });
    expect(problems).toEqual([
      expect.objectContaining({
        severity: "WARNING",
        code: "INSTANCE_TYPE_AND_SIZE",
        field: "input.instanceType",
      }),
    ]);
  });
});

describe("removeKeys", () => {
  const env = { encrypted: { encryptedEnv: "ab".repeat(60), keys: ["A"] } };
  const file = { body: { name: "", allowed_envs: ["A", "FOO-BAR"] } };

  it.each([
    ["configureCvm", CONFIGURE, "PATCH /cvms/web"],
    ["updateCvmEnvs", UPDATE_ENVS, "PATCH /cvms/web/envs"],
  ])("of %s accepts any name that the CVM allows now", async (_name, query, call) => {
    await using upstream = await startScripted({ "GET /cvms/web/compose_file": file, [call]: ACCEPTED });
    const { answer, writes } = await askScripted(upstream, query, { env, removeKeys: ["FOO-BAR"] });
    expect(answer.errors).toBeUndefined();
    expect(writes.map(([sent]) => sent)).toEqual([call]);
  });

  it("rejects a name that the CVM does not allow and the guest would not, without quoting it", async () => {
    await using upstream = await startScripted({ "GET /cvms/web/compose_file": file });
    const removeKeys = ["FOO-BAR", "s3cret-value"];
    const { answer, writes } = await askScripted(upstream, UPDATE_ENVS, { env, removeKeys });
    expect(answer.errors?.[0]?.extensions).toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.removeKeys.1" }],
    });
    expect(JSON.stringify(answer.errors)).not.toContain("s3cret");
    expect(writes).toEqual([]);
  });
});

describe("the name in the app-compose", () => {
  const PROVISIONED = { body: { compose_hash: "ab".repeat(32) } };

  it.each([
    ["an empty name", { name: "" }, {}, ""],
    ["a name", { name: "own" }, {}, "own"],
    ["no name, which the REST API requires", {}, {}, ""],
    ["a name that becomes empty", { name: "own" }, { name: "" }, ""],
  ])("is sent as it is: %s", async (_what, present, change, name) => {
    const file = { ...present, manifest_version: "3", init_script: ["echo a", "echo b"] };
    await using upstream = await startScripted({
      "GET /cvms/web/compose_file": { body: file },
      "POST /cvms/web/compose_file/provision": PROVISIONED,
    });
    const query = writeMutation("provisionCvmComposeFileUpdate", "composeHash");
    const { answer, writes } = await askScripted(upstream, query, {
      appCompose: { dockerComposeFile: YAML, ...change },
    });
    expect(answer.errors).toBeUndefined();
    expect(writes).toEqual([
      ["POST /cvms/web/compose_file/provision", { ...file, name, docker_compose_file: YAML }],
    ]);
  });
});

it("a provision reads only the compose file once the CVM is resolved by its name", async () => {
  await using gateway = await startGateway();
  await gateway.ask(PROVISION, { input: { id: "web-phala", appCompose: { dockerComposeFile: YAML } } });
  const calls = (await gateway.calls()).map(({ method, path }) => `${method} ${path}`);
  expect(calls.slice(0, 3)).toEqual([
    "GET /cvms/web-phala",
    "GET /cvms/web-phala/compose_file",
    "POST /cvms/web-phala/compose_file/provision",
  ]);
});

it("a build from dockerfile_inline is a warning, because it runs", async () => {
  await using gateway = await startGateway();
  const inline = "services:\n  app:\n    build:\n      dockerfile_inline: FROM nginx:1.27\n";
  const { problems } = await plan(gateway, { id: "web-phala", dockerComposeFile: inline });
  const found = problems.filter(({ code }: { code: string }) => code === "BUILD_UNSUPPORTED");
  expect(found).toEqual([expect.objectContaining({ severity: "WARNING", line: 4 })]);
  expect(found[0].message).toContain("dockerfile_inline");
});
