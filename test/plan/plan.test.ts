import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { startGateway } from "../support/gateway.ts";
import { CONFIGURE, CONFIRM, listWrites } from "../support/mutations.ts";

const PLAN = `query ($input: ConfigureCvmInput!) {
  planCvmConfiguration(input: $input) {
    changes { field before after } restarts composeHashBefore composeHashAfter requiresOnChainHash
    hashAlreadyAllowed envKeysAdded envKeysRemoved configVersion
    problems { severity code message field line column }
  }
}`;
const YAML = "services:\n  app:\n    image: nginx:1.27.3\n";
const SECRET = "pl4n-canary-v4lue";

type Gateway = Awaited<ReturnType<typeof startGateway>>;

async function plan(gateway: Gateway, input: object) {
  const { data, errors } = await gateway.ask(PLAN, { input });
  expect(errors).toBeUndefined();
  const calls = await gateway.calls();
  expect(listWrites(calls).filter((call) => !call.endsWith("/is-allowed"))).toEqual([]);
  return { ...data.planCvmConfiguration, paths: calls.map(({ path }) => path) };
}

async function readHash(gateway: Gateway, id: string): Promise<string> {
  const { data } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { compose { hash } } }", { id });
  await gateway.calls();
  return data.cvm.compose.hash;
}

const sealed = { encryptedEnv: "ab".repeat(60) };
const BOTH = ["DATABASE_URL", "API_TOKEN"];
const plainBoth = BOTH.map((key) => ({ key, value: SECRET }));

const singles: readonly object[] = [
  { dockerComposeFile: YAML },
  { dockerComposeFile: `# ümlaut "quoted": 'x' \\ 😀\n${YAML}` },
  { preLaunchScript: "" },
  { preLaunchScript: '#!/bin/sh\necho "a": b\t\u2028\u007f\n' },
  { allowedEnvs: [] },
  { allowedEnvs: ["API_TOKEN", "DATABASE_URL"] },
  { publicLogs: false },
  { publicLogs: true },
  { publicSysinfo: false },
  { publicTcbinfo: false },
  { vcpu: 2 },
  { memoryMb: 4096, diskSizeGb: 50 },
  { image: "dstack-0.5.6" },
  { userConfig: "{}" },
  { env: { encrypted: sealed } },
  { env: { encrypted: { ...sealed, keys: [...BOTH, "NEW"] } } },
  { env: { plain: plainBoth.toReversed() } },
  { env: { plain: [{ key: "NEW", value: "" }] }, removeKeys: BOTH },
];

describe("the foretold hash is the one that configureCvm gets", () => {
  it.each(singles.map((input) => [JSON.stringify(input).slice(0, 70), input] as const))(
    "%s",
    async (_text, change) => {
      await using gateway = await startGateway();
      const input = { id: "web-phala", ...change };
      const { composeHashBefore, composeHashAfter } = await plan(gateway, input);
      expect(composeHashBefore).toBe(await readHash(gateway, "web-phala"));
      const { errors } = await gateway.ask(CONFIGURE, { input });
      expect(errors).toBeUndefined();
      await gateway.advance(11_000);
      expect(composeHashAfter).toBe(await readHash(gateway, "web-phala"));
    },
  );

  it.each([["web-base"], ["web-ethereum"], ["no-script"], ["gpu-inference"], ["private-logs"]])(
    "in any combination, on %s",
    async (id) => {
      await using gateway = await startGateway();
      const text = fc.string({ unit: "grapheme", maxLength: 40 });
      const change = fc.record(
        {
          dockerComposeFile: text.map((noise) => `# ${noise.replaceAll(/[^\p{L}\p{N} ]/gu, " ")}\n${YAML}`),
          preLaunchScript: text,
          allowedEnvs: fc.uniqueArray(fc.stringMatching(/^[A-Z_]{1,8}$/), { maxLength: 4 }),
          publicLogs: fc.boolean(),
          publicSysinfo: fc.boolean(),
          publicTcbinfo: fc.boolean(),
        },
        { requiredKeys: ["publicLogs"] },
      );
      await fc.assert(
        fc.asyncProperty(change, async (given) => {
          const input = { id, ...given };
          const planned = await plan(gateway, input);
          const { data, errors } = await gateway.ask(CONFIGURE, { input });
          expect(errors).toBeUndefined();
          await gateway.calls();
          const result = data.configureCvm;
          expect(result.__typename === "OnChainHashRequired").toBe(planned.requiresOnChainHash);
          if (planned.requiresOnChainHash) {
            expect(planned.hashAlreadyAllowed).toBe(false);
            expect(result.composeHash).toBe(planned.composeHashAfter);
          } else {
            expect(result.status).toBe(planned.restarts ? "IN_PROGRESS" : "NO_CHANGE");
            await gateway.advance(12_000);
            expect(await readHash(gateway, id)).toBe(planned.composeHashAfter);
          }
        }),
        { numRuns: 15 },
      );
    },
  );
});

describe("planCvmConfiguration", () => {
  it("says field by field what would change", async () => {
    await using gateway = await startGateway();
    const { changes, restarts, configVersion, envKeysAdded, envKeysRemoved } = await plan(gateway, {
      id: "web-phala",
      dockerComposeFile: YAML,
      preLaunchScript: "",
      env: { plain: [{ key: "NEW", value: SECRET }] },
      removeKeys: BOTH,
      publicLogs: true,
      publicSysinfo: false,
      vcpu: 2,
      memoryMb: 2048,
      diskSizeGb: 30,
      image: "dstack-0.5.6",
      userConfig: SECRET,
      shutdownTimeoutSeconds: 60,
    });
    expect(changes).toEqual([
      {
        field: "dockerComposeFile",
        before: expect.stringMatching(/^\d+ lines, .*sha256/),
        after: expect.any(String),
      },
      { field: "preLaunchScript", before: expect.stringMatching(/sha256/), after: null },
      { field: "allowedEnvs", before: "DATABASE_URL, API_TOKEN", after: "NEW" },
      { field: "publicSysinfo", before: "true", after: "false" },
      { field: "env", before: "(hidden)", after: "(hidden)" },
      { field: "vcpu", before: "1", after: "2" },
      { field: "diskSizeGb", before: "20", after: "30" },
      { field: "image", before: "dstack-0.5.5", after: "dstack-0.5.6" },
      { field: "userConfig", before: "(hidden)", after: "(hidden)" },
    ]);
    expect(restarts).toBe(true);
    expect({ envKeysAdded, envKeysRemoved }).toEqual({ envKeysAdded: ["NEW"], envKeysRemoved: BOTH });
    const { data } = await gateway.ask(`{ cvm(id: "web-phala") { configVersion } }`);
    expect(configVersion).toBe(data.cvm.configVersion);
  });

  it.each([
    [{ vcpu: 2 }, ["/cvms/web-base"]],
    [{ image: "dstack-0.5.6" }, ["/cvms/web-base", "/cvms/web-base/available-os-images"]],
    [{ publicLogs: true }, ["/cvms/web-base", "/cvms/web-base/compose_file"]],
    [{ publicLogs: false }, ["/cvms/web-base", "/cvms/web-base/compose_file", "/cvms/web-base/is-allowed"]],
  ])("reads only what %j needs", async (change, paths) => {
    await using gateway = await startGateway();
    expect((await plan(gateway, { id: "web-base", ...change })).paths.sort()).toEqual(paths);
  });

  it("knows that a CVM which is off does not restart, and one that is as asked neither", async () => {
    await using gateway = await startGateway();
    expect(await plan(gateway, { id: "stopped-app", vcpu: 2 })).toMatchObject({ restarts: false });
    const same = await plan(gateway, { id: "web-phala", vcpu: 1, publicLogs: true, image: "dstack-0.5.5" });
    expect(same).toMatchObject({ changes: [], restarts: false });
    expect(same.composeHashAfter).toBe(same.composeHashBefore);
  });

  it("knows whether the hash would have to be registered, and whether it is", async () => {
    await using gateway = await startGateway();
    const input = { id: "web-base", preLaunchScript: "#!/bin/sh\n" };
    expect(await plan(gateway, input)).toMatchObject({
      requiresOnChainHash: true,
      hashAlreadyAllowed: false,
    });
    const required = (await gateway.ask(CONFIGURE, { input })).data.configureCvm;
    const transactionHash = await gateway.sendTransaction(required.transaction);
    await gateway.calls();
    expect(await plan(gateway, input)).toMatchObject({ requiresOnChainHash: true, hashAlreadyAllowed: true });
    await gateway.ask(CONFIRM, {
      input: { id: "web-base", composeHash: required.composeHash, transactionHash },
    });
    await gateway.advance(12_000);
    await gateway.calls();
    expect(await plan(gateway, input)).toMatchObject({
      requiresOnChainHash: false,
      hashAlreadyAllowed: null,
    });
    expect(await plan(gateway, { id: "web-phala", preLaunchScript: "x" })).toMatchObject({
      requiresOnChainHash: false,
    });
  });

  it("fails for a CVM that is not there", async () => {
    await using gateway = await startGateway();
    const { errors } = await gateway.ask(PLAN, { input: { id: "no-such-cvm", vcpu: 2 } });
    expect(errors?.[0]?.extensions.code).toBe("NOT_FOUND");
  });
});

/** What configureCvm refuses, a plan tells as a problem. */
describe("a refusal is foretold", () => {
  it.each([
    [{ vcpu: 0 }, "INVALID_INPUT", "input.vcpu"],
    [{}, "INVALID_INPUT", "input"],
    [{ diskSizeGb: 10 }, "DISK_SHRINKS", "input.diskSizeGb"],
    [{ image: "dstack-9" }, "IMAGE_UNAVAILABLE", "input.image"],
    [{ image: "dstack-0.5.4" }, "IMAGE_UNAVAILABLE", "input.image"],
    [{ vcpu: 2, prepareOnly: true }, "NOTHING_TO_PREPARE", "input.prepareOnly"],
    [{ env: { plain: [] } }, "ENV_KEYS_LOST", "input.removeKeys"],
    [{ env: { plain: [{ key: "1", value: "" }] }, removeKeys: BOTH }, "ENV_INVALID", "input.env.plain.0"],
    [{ dockerComposeFile: "" }, "INVALID_INPUT", "input.dockerComposeFile"],
    [{ dockerComposeFile: "services: []" }, "SERVICES_MISSING", "input.dockerComposeFile"],
    [{ preLaunchScript: "x".repeat(204_801) }, "SIZE_LIMIT", "input.preLaunchScript"],
  ])("%j: %s", async (change, code, field) => {
    await using gateway = await startGateway();
    const input = { id: "web-phala", ...change };
    const { problems } = await plan(gateway, input);
    expect(problems).toContainEqual(expect.objectContaining({ severity: "ERROR", code, field }));
    const { errors } = await gateway.ask(CONFIGURE, { input });
    expect(errors?.[0]?.extensions.code).toBe("BAD_USER_INPUT");
  });

  it("the two texts together, one of which the CVM has", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "web-phala", preLaunchScript: "x".repeat(204_700) });
    expect(problems).toContainEqual(
      expect.objectContaining({ code: "SIZE_LIMIT", field: "input.preLaunchScript" }),
    );
  });

  it("a key that must not be sealed to", async () => {
    await using gateway = await startGateway({ environment: { REQUIRE_VERIFIED_KMS_KEY: "true" } });
    const { problems } = await plan(gateway, { id: "web-phala", env: { plain: plainBoth } });
    expect(problems).toContainEqual(
      expect.objectContaining({ code: "KMS_KEY_NOT_TRUSTED", field: "input.env.plain" }),
    );
  });

  it("an operation that runs", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "busy-updating", vcpu: 2 });
    expect(problems).toEqual([
      expect.objectContaining({ severity: "WARNING", code: "OPERATION_RUNNING", field: null }),
    ]);
  });

  it("YAML, with line and column", async () => {
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

describe("a Compose file that a CVM cannot serve", () => {
  it("is told place by place", async () => {
    await using gateway = await startGateway();
    const { problems } = await plan(gateway, { id: "web-phala", dockerComposeFile: COMPOSE });
    const told = problems.map((problem: Record<string, unknown>) =>
      [problem["severity"], problem["code"], problem["line"], problem["column"]].join(" "),
    );
    expect(told).toEqual([
      "WARNING IMAGE_UNPINNED 2 10",
      "WARNING IMAGE_UNPINNED 8 12",
      "WARNING IMAGE_UNPINNED 10 12",
      "ERROR BUILD_UNSUPPORTED 14 12",
      "WARNING BUILD_UNSUPPORTED 17 12",
      "ERROR SERVICE_INVALID 19 5",
      "ERROR ENV_FILE_UNSUPPORTED 22 15",
      "WARNING HOST_PATH_UNSUPPORTED 24 9",
      "WARNING HOST_PATH_UNSUPPORTED 25 9",
      "WARNING HOST_PATH_UNSUPPORTED 29 9",
      "ERROR HOST_PATH_UNSUPPORTED 34 16",
    ]);
  });

  it("a clean one has no problem", async () => {
    await using gateway = await startGateway();
    for (const id of ["web-phala", "no-script", "gpu-inference", "fleet-01"]) {
      const { data } = await gateway.ask("query ($id: ID!) { cvm(id: $id) { dockerCompose } }", { id });
      await gateway.calls();
      expect((await plan(gateway, { id, dockerComposeFile: data.cvm.dockerCompose })).problems).toEqual([]);
    }
  });
});

describe("variables", () => {
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
  it("are told where nothing supplies them, once each", async () => {
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

  it("and keys are told that nothing uses", async () => {
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

it("shows no secret, whatever is wrong", async () => {
  await using gateway = await startGateway();
  const inputs = [
    { env: { plain: plainBoth } },
    { env: { plain: [{ key: SECRET, value: SECRET }] } },
    { env: { encrypted: { ...sealed, keys: [SECRET] } } },
    { allowedEnvs: [SECRET], removeKeys: [SECRET] },
    { userConfig: SECRET, preLaunchScript: SECRET },
    { dockerComposeFile: `services: { a: { image: "${SECRET}\n` },
    { dockerComposeFile: `services: { a: { image: "${SECRET}" } }` },
  ];
  for (const input of inputs) {
    expect(JSON.stringify(await plan(gateway, { id: "web-phala", ...input }))).not.toContain(SECRET);
  }
});
