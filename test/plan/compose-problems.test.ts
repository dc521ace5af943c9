import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { BOTH, plan } from "./plan-request.ts";

const COMPOSE = `x-base: &base
  image: nginx
services:
  merged:
    <<: *base
    environment: [API_TOKEN]
  latest:
    image: registry.example:5000/a/b:latest
  variable:
    image: app:\${TAG:-1}
  digest:
    image: app@sha256:${"0".repeat(64)}
  built:
    build: .
  both:
    image: app:1
    build: { context: . }
  nothing:
    command: [sh]
  files:
    image: app:1
    env_file: [./x.env]
    volumes:
      - ./data:/data
      - /etc/passwd:/x:ro
      - named:/y
      - /anonymous
      - /var/run/dstack.sock:/var/run/dstack.sock
      - { type: bind, source: ../up, target: /z }
  optional:
    image: app:1
    env_file: [{ path: ./x.env, required: false }]
configs:
  one: { file: ./conf }
`;

describe("the plan of a Docker Compose file", () => {
  it("reports each part that a CVM does not support, with severity, line and column", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "web-phala", dockerComposeFile: COMPOSE });
    const reported = problems.map((problem: Record<string, unknown>) =>
      [problem["severity"], problem["code"], problem["line"], problem["column"]].join(" "),
    );
    expect(reported).toEqual([
      "WARNING IMAGE_UNPINNED 2 10",
      "WARNING IMAGE_UNPINNED 8 12",
      "WARNING IMAGE_UNPINNED 10 12",
      "WARNING BUILD_UNSUPPORTED 14 12",
      "WARNING BUILD_UNSUPPORTED 17 12",
      "ERROR SERVICE_INVALID 19 5",
      "ERROR ENV_FILE_UNSUPPORTED 22 15",
      "WARNING HOST_PATH_UNSUPPORTED 24 9",
      "WARNING HOST_PATH_UNSUPPORTED 25 9",
      "WARNING HOST_PATH_UNSUPPORTED 29 9",
      "ERROR HOST_PATH_UNSUPPORTED 34 16",
    ]);
  });

  it("reports no problem for a supported file", async () => {
    await using gateway = await startGateway();
    for (const id of ["web-phala", "no-script", "gpu-inference", "fleet-01"]) {
      const { data } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { dockerCompose } }", { id });
      await gateway.calls();
      expect((await plan(gateway, { id, dockerComposeFile: data.cvm.dockerCompose })).problems).toEqual([]);
    }
  });
});

describe("the plan of environment variables", () => {
  const text = `services:
  app:
    image: app:1 # \${IN_A_COMMENT}
    environment:
      A: \${API_TOKEN} \${WITH_DEFAULT:-x} \${OUTER:-\${INNER}} $$ESCAPED \${REQUIRED:?}
      DATABASE_URL:
    command: |
      first
      echo $BARE $BARE
`;
  it("reports each variable that has no value, once", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "no-script", dockerComposeFile: text, allowedEnvs: BOTH });
    const undefineds = problems.filter((problem: { code: string }) => problem.code === "VARIABLE_UNDEFINED");
    expect(
      undefineds.map((p: Record<string, unknown>) => [p["severity"], p["message"], p["line"], p["column"]]),
    ).toEqual([
      ["WARNING", expect.stringContaining("INNER"), 5, 51],
      ["ERROR", expect.stringContaining("REQUIRED"), 5, 71],
      ["WARNING", expect.stringContaining("BARE"), 9, 12],
    ]);
    expect(problems).toHaveLength(3);
  });

  it("reports allowed keys that nothing uses, and variables without an allowed key", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, {
      id: "no-script",
      allowedEnvs: ["QUEUE_URL", "IDLE", "IN_SCRIPT"],
      preLaunchScript: "echo $IN_SCRIPT",
    });
    expect(problems).toEqual([
      expect.objectContaining({ severity: "WARNING", code: "ENV_KEY_UNUSED", field: "input.allowedEnvs" }),
    ]);
    expect(problems[0].message).toContain("IDLE");
    const missing = await plan(gateway, { id: "no-script", allowedEnvs: [] });
    expect(missing.problems).toEqual([
      expect.objectContaining({ code: "VARIABLE_UNDEFINED", field: "input.allowedEnvs", line: null }),
    ]);
  });
});
