import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE } from "../support/mutations.ts";
import { BOTH, plainBoth, plan } from "./plan-request.ts";

describe("a plan reports what configureCvm would reject", () => {
  it.each([
    ["zero vCPUs", "INVALID_INPUT", "input.vcpu", { vcpu: 0 }],
    ["an input without a change", "INVALID_INPUT", "input", {}],
    ["a smaller disk", "DISK_SHRINKS", "input.diskSizeGb", { diskSizeGb: 10 }],
    ["an unknown image", "IMAGE_UNAVAILABLE", "input.image", { image: "dstack-9" }],
    ["a disabled image", "IMAGE_UNAVAILABLE", "input.image", { image: "dstack-0.5.4" }],
    [
      "prepareOnly for a change that needs no hash",
      "NOTHING_TO_PREPARE",
      "input.prepareOnly",
      { vcpu: 2, prepareOnly: true },
    ],
    ["an environment that drops keys", "ENV_KEYS_LOST", "input.removeKeys", { env: { plain: [] } }],
    [
      "an invalid key",
      "ENV_INVALID",
      "input.env.plain.0",
      { env: { plain: [{ key: "1", value: "" }] }, removeKeys: BOTH },
    ],
    ["an empty compose file", "INVALID_INPUT", "input.dockerComposeFile", { dockerComposeFile: "" }],
    [
      "a list of services",
      "SERVICES_MISSING",
      "input.dockerComposeFile",
      { dockerComposeFile: "services: []" },
    ],
    [
      "a script that is too long",
      "SIZE_LIMIT",
      "input.preLaunchScript",
      { preLaunchScript: "x".repeat(204_801) },
    ],
  ])("%s: %s on %s", async (_what, code, field, change) => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", ...change };
    const { problems } = await plan(gateway, input);
    expect(problems).toContainEqual(expect.objectContaining({ severity: "ERROR", code, field }));
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("everything that the present CVM has against a change, in one answer of configureCvm as well", async () => {
    await using gateway = await startGateway();
    const change = { env: { plain: [] }, diskSizeGb: 10, image: "dstack-9" };
    const input = { id: "web-phala", ...change, prepareOnly: true };
    const fields = ["input.removeKeys", "input.diskSizeGb", "input.image", "input.prepareOnly"];
    const { problems } = await plan(gateway, input);
    const rejections = problems.filter(({ severity }: { severity: string }) => severity === "ERROR");
    expect(rejections.map(({ field }: { field: string }) => field)).toEqual(fields);
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.extensions["fields"]).toEqual(
      fields.map((path) => expect.objectContaining({ path })),
    );
  });

  it("a script that exceeds the size limit together with the present compose file", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "web-phala", preLaunchScript: "x".repeat(204_700) });
    expect(problems).toContainEqual(
      expect.objectContaining({ code: "SIZE_LIMIT", field: "input.preLaunchScript" }),
    );
  });

  it("a key that is not trusted for sealing", async () => {
    await using gateway = await startGateway({ environment: { REQUIRE_VERIFIED_KMS_KEY: "true" } });
    const { problems } = await plan(gateway, { id: "web-phala", env: { plain: plainBoth } });
    expect(problems).toContainEqual(
      expect.objectContaining({ code: "KMS_KEY_NOT_TRUSTED", field: "input.env.plain" }),
    );
  });

  it("a running operation, as a warning", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "busy-updating", vcpu: 2 });
    expect(problems).toEqual([
      expect.objectContaining({ severity: "WARNING", code: "OPERATION_RUNNING", field: null }),
    ]);
  });

  it("a YAML syntax error, with line and column", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, {
      id: "web-phala",
      dockerComposeFile: "services:\n  a:\n    image: 'x\n",
    });
    expect(problems).toContainEqual(
      expect.objectContaining({ code: "YAML_SYNTAX", field: "input.dockerComposeFile", line: 4, column: 1 }),
    );
  });
});
