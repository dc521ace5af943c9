import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, PLAN, UPDATE_ENVS } from "../support/mutations.ts";
import { json, startEchoingUpstream, structured } from "./echoing-upstream.ts";
import {
  COMPOSE,
  CONFIG,
  captureOutput,
  encrypted,
  env,
  expectClean,
  id,
  PATCHED_SCRIPT,
  PATCHED_YAML,
  SCRIPT,
  SEALED,
  VALUE,
} from "./secret-values.ts";

const captured = captureOutput();

const ENVS = UPDATE_ENVS;

/** Invalid inputs with secrets in valid and in invalid places. */
const wrongInputs: readonly (readonly [name: string, query: string, variables: object])[] = [
  ["a value as the key", ENVS, { input: { id, env: { plain: [{ key: VALUE, value: VALUE }] } } }],
  ["a repeated key", ENVS, { input: { id, env: { plain: [...env.plain, ...env.plain] } } }],
  [
    "a value that is too long",
    ENVS,
    { input: { id, env: { plain: [{ key: "A", value: VALUE.repeat(9_000) }] } } },
  ],
  [
    "half of a surrogate pair",
    ENVS,
    { input: { id, env: { plain: [{ key: "A", value: `${VALUE}\ud800` }] } } },
  ],
  [
    "an environment that drops a key",
    ENVS,
    { input: { id, env: { plain: [{ key: "OTHER", value: VALUE }] } } },
  ],
  ["a list as the value", ENVS, { input: { id, env: { plain: [{ key: "A", value: [VALUE] }] } } }],
  ["a map as the environment", ENVS, { input: { id, env: { plain: { A: VALUE } } } }],
  ["a text as the environment", ENVS, { input: { id, env: VALUE } }],
  ["both forms", ENVS, { input: { id, env: { ...env, encrypted } } }],
  [
    "a sealed environment that is not hex",
    ENVS,
    { input: { id, env: { encrypted: { encryptedEnv: VALUE } } } },
  ],
  [
    "a sealed environment that is too short",
    ENVS,
    { input: { id, env: { encrypted: { encryptedEnv: SEALED.slice(0, 60) } } } },
  ],
  [
    "sealed keys that are values",
    ENVS,
    { input: { id, env: { encrypted: { ...encrypted, keys: [VALUE] } } } },
  ],
  ["removeKeys that are values", ENVS, { input: { id, env, removeKeys: [VALUE] } }],
  ["an id that is a value", ENVS, { input: { id: `${VALUE}/x`, env } }],
  ["a hash that is a value", ENVS, { input: { id, env, composeHash: VALUE, transactionHash: VALUE } }],
  ["a number that is a value", CONFIGURE, { input: { id, vcpu: VALUE } }],
  ["a value as the whole input", CONFIGURE, { input: VALUE }],
  ["bad YAML", CONFIGURE, { input: { id, dockerComposeFile: `services:\n\t${COMPOSE}: "${COMPOSE}` } }],
  ["an alias", CONFIGURE, { input: { id, dockerComposeFile: `services: *${COMPOSE.replaceAll("-", "")}` } }],
  [
    "a repeated key in YAML",
    CONFIGURE,
    { input: { id, dockerComposeFile: `services: {}\n${COMPOSE}: 1\n${COMPOSE}: 2\n` } },
  ],
  ["a tag", CONFIGURE, { input: { id, dockerComposeFile: `services: !!int "${COMPOSE}"\n` } }],
  ["no services", CONFIGURE, { input: { id, dockerComposeFile: `${COMPOSE}: 1\n` } }],
  [
    "a compose file and a script over the size limit",
    CONFIGURE,
    { input: { id, dockerComposeFile: `services: {} # ${COMPOSE}`, preLaunchScript: SCRIPT.repeat(20_000) } },
  ],
  [
    "a plan with every secret",
    PLAN,
    {
      input: {
        id,
        dockerComposeFile: PATCHED_YAML,
        preLaunchScript: PATCHED_SCRIPT,
        userConfig: CONFIG,
        env,
      },
    },
  ],
];

const literals: readonly (readonly [name: string, query: string])[] = [
  [
    "an unterminated string",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { plain: [{ key: "A", value: "${VALUE}\n" }] } }) { __typename } }`,
  ],
  [
    "a stray word",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { plain: [{ key: "A", value: "x" "${VALUE}" }] } }) { __typename } }`,
  ],
  ["a wrong type", `mutation { configureCvm(input: { id: "a-b", vcpu: "${VALUE}" }) { __typename } }`],
  [
    "an enum as the value",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { plain: [{ key: "A", value: ${VALUE.replaceAll("-", "_")} }] } }) { __typename } }`,
  ],
  [
    "a literal that is not hex",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { encrypted: { encryptedEnv: "${VALUE}" } } }) { __typename } }`,
  ],
  [
    "a literal that is rejected",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { plain: [{ key: "1", value: "${VALUE}" }] } }) { __typename } }`,
  ],
];

describe("an invalid input with secrets", () => {
  it.each([...wrongInputs, ...literals.map(([name, query]) => [`literal: ${name}`, query, {}] as const)])(
    "leaks none of them into the answer, the log or the output: %s",
    async (_name, query, variables) => {
      const logs: string[] = [];
      await using upstream = await startEchoingUpstream(json(400, structured), []);
      const { app, close } = createGateway(upstream.url, { logs });
      const answer = await ask(app, query, { ...variables });
      await close();
      if (query !== PLAN) expect(answer.errors).toBeDefined();
      expectClean("the answer", JSON.stringify([answer.data, answer.errors]), [
        VALUE.replaceAll("-", "_"),
        COMPOSE.replaceAll("-", ""),
      ]);
      expectClean("the log", logs.join(""));
      expectClean("the output", captured.join(""));
    },
  );
});
