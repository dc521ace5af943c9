import type { IncomingMessage, ServerResponse } from "node:http";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { CONFIGURE, UPDATE_ENVS, writeMutation } from "../support/mutations.ts";
import { startMain } from "../support/process.ts";
import { serve } from "../support/upstream/listen.ts";

/** Unique texts for every place where a secret can stand. Words, quotes and line ends, as real ones have them. */
const VALUE = "Vq7kZ-plain-value-Xw93Lt";
const COMPOSE = "Cm4hR-compose-text-Pz61Ud";
const SCRIPT = "Sd8nF-script-text-Jy27Gb";
const CONFIG = "Uf5tK-user-config-Wr84Ne";
const SEALED = Buffer.from("Ex2sealed-by-the-client-".repeat(4)).toString("hex");
const PATCHED_YAML = `services:\n  app:\n    image: nginx:1.27.3\n    environment:\n      TOKEN: "${COMPOSE}"\n`;
const PATCHED_SCRIPT = `#!/bin/sh\nexport TOKEN="${SCRIPT}"\n\techo 'x\\y'\n`;

/** What must not be found: the texts, and enough of them to know them by. */
const canaries = [VALUE, COMPOSE, SCRIPT, CONFIG, SEALED].flatMap((text) => [
  text,
  text.slice(0, 12),
  text.slice(-12),
  Buffer.from(text).toString("base64"),
]);

const captured: string[] = [];
beforeEach(() => {
  captured.length = 0;
  for (const stream of [process.stdout, process.stderr]) {
    vi.spyOn(stream, "write").mockImplementation((chunk: string | Uint8Array) => {
      captured.push(String(chunk));
      return true;
    });
  }
});
afterEach(() => vi.restoreAllMocks());

function expectClean(where: string, text: string, more: readonly string[] = []): void {
  for (const canary of [...canaries, ...more]) {
    if (text.includes(canary)) throw new Error(`${where} holds ${canary}: ${text.slice(0, 2_000)}`);
  }
}

const RESULT =
  "__typename ... on InProgress { status message correlationId } ... on OnChainHashRequired { reason: message composeHash }";
const IN_PROGRESS = "status message correlationId";
const id = "web-app";
const env = { plain: [{ key: "TOKEN", value: VALUE }] };
const encrypted = { encryptedEnv: SEALED, keys: ["TOKEN"] };
const writes: readonly { name: string; query: string; input: object }[] = [
  [
    "configureCvm",
    RESULT,
    {
      dockerComposeFile: PATCHED_YAML,
      preLaunchScript: PATCHED_SCRIPT,
      userConfig: `{"k":"${CONFIG}"}`,
      env,
    },
  ],
  ["configureCvm", RESULT, { env: { encrypted } }],
  ["updateDockerCompose", RESULT, { dockerComposeFile: PATCHED_YAML }],
  ["updatePreLaunchScript", RESULT, { preLaunchScript: PATCHED_SCRIPT }],
  ["updateCvmEnvs", RESULT, { env }],
  ["updateCvmEnvs", RESULT, { env: { encrypted } }],
  [
    "provisionCvmComposeFileUpdate",
    "composeHash",
    { appCompose: { dockerComposeFile: PATCHED_YAML, preLaunchScript: PATCHED_SCRIPT } },
  ],
  ["commitCvmComposeFileUpdate", IN_PROGRESS, { composeHash: "12".repeat(32), env: encrypted }],
].map(([name, selection, input]) => ({
  name: String(name),
  query: writeMutation(String(name), String(selection)),
  input: { id, ...Object(input) },
}));

type Reply = (body: string, response: ServerResponse, request: IncomingMessage) => void;

function json(status: number, build: (body: string) => unknown): Reply {
  return (body, response) =>
    response
      .writeHead(status, {
        "content-type": "application/json",
        "x-request-id": encodeURIComponent(body).slice(0, 300),
      })
      .end(JSON.stringify(build(body)));
}

const structured = (body: string) => ({
  error_code: body,
  message: `Bad: ${body}`,
  details: [{ field: "docker_compose_file", value: body, message: `line 5: near ${body.slice(-90, -3)}` }],
  suggestions: [body, `try not ${body.slice(30, 200)}`],
  links: [{ url: `https://x.invalid/?${body}`, label: body }],
  request_id: body,
});
const fastApi = (body: string) => ({
  detail: [
    {
      loc: ["body", body.slice(20, 120)],
      msg: `Value error: ${body.slice(7)}`,
      type: "value_error",
      input: body,
      ctx: { body },
    },
  ],
});
const precondition = (body: string) => ({
  message: body,
  compose_hash: "12".repeat(32),
  app_id: "34".repeat(20),
  kms_info: { id: "kms_1", url: "https://kms.invalid", chain_id: 1 },
});

/** Everything that an upstream which gives back what it was sent can answer a write with. */
const replies: Readonly<Record<string, Reply>> = {
  "202 with the body as its message": json(202, (body) => ({
    status: "in_progress",
    message: body,
    correlation_id: "c-1",
  })),
  "202 that breaks its form": json(202, (body) => ({ status: [body], message: { body }, correlation_id: 7 })),
  "200 that is no JSON": (body, response) => response.writeHead(200).end(`OK ${body}`),
  "465": json(465, (body) => ({ ...precondition(body), error_code: "ERR-01-005" })),
  "465 that breaks its form": json(465, (body) => ({ ...precondition(body), app_id: body })),
  "422 of FastAPI": json(422, fastApi),
  "400 with the whole body": json(400, (body) => ({ detail: body })),
  "400 with the body in Python's quotes": json(400, (body) => ({
    detail: `b'${body.replaceAll("\n", "\\n")}'`,
  })),
  "400 with the body as JSON": json(400, (body) => ({ detail: JSON.stringify({ body }) })),
  ...Object.fromEntries(
    [400, 401, 402, 403, 404, 409, 413, 422, 429, 466, 467, 468, 500, 502, 503, 504].map((status) => [
      `${status} structured`,
      json(status, structured),
    ]),
  ),
  "500 in plain text": (body, response) => response.writeHead(500).end(body),
  "502 of a proxy": (body, response) =>
    response.writeHead(502, { "content-type": "text/html" }).end(`<html><pre>${body}</pre></html>`),
  "a redirect": (body, response) =>
    response.writeHead(307, { location: `https://elsewhere.invalid/?${encodeURIComponent(body)}` }).end(body),
  "a cut connection": (_body, _response, request) => request.socket.destroy(),
  "half an answer": (body, response, request) => {
    response.writeHead(202, { "content-length": "100000" }).write(body);
    setTimeout(() => request.socket.destroy(), 10);
  },
  "no answer in time": () => undefined,
};

async function startHostile(reply: Reply, sealed: string[], received: string[] = []) {
  return serve((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const body = Buffer.concat(chunks).toString();
      const made = /"encrypted_env":"([0-9a-f]+)"/.exec(body)?.[1];
      if (made !== undefined) sealed.push(made.slice(0, 16), made.slice(-16), made.slice(100, 116));
      if (request.method !== "GET") {
        received.push(request.url ?? "");
        return reply(body, response, request);
      }
      response.writeHead(200, { "content-type": "application/json" });
      if (request.url?.endsWith("/compose_file")) {
        return response.end(
          JSON.stringify({ name: id, docker_compose_file: "services: {}", allowed_envs: ["TOKEN"] }),
        );
      }
      const kms_info = { encrypted_env_pubkey: `09${"00".repeat(31)}` };
      response.end(JSON.stringify({ id: "cvm_1", name: id, resource: {}, status: "running", kms_info }));
    });
  });
}

describe("an upstream that gives back what it was sent", () => {
  it.each(Object.entries(replies))("with %s", async (_name, reply) => {
    const sealed: string[] = [];
    const logs: string[] = [];
    const received: string[] = [];
    await using upstream = await startHostile(reply, sealed, received);
    const { app, close } = createGateway(upstream.url, {
      logs,
      environment: { UPSTREAM_WRITE_TIMEOUT_MS: "300" },
    });
    for (const { query, input } of writes) {
      const answer = await ask(app, query, { input });
      expect(answer.data !== undefined || answer.errors !== undefined).toBe(true);
      expectClean("the answer", JSON.stringify([answer.data, answer.errors, [...answer.headers]]), sealed);
    }
    await close();
    expect(received).toHaveLength(writes.length);
    expect(logs.length).toBeGreaterThan(2 * writes.length);
    expectClean("the log", logs.join(""), sealed);
    expectClean("the output", captured.join(""), sealed);
    expect(sealed.length).toBeGreaterThan(0);
  });
});

const ENVS = UPDATE_ENVS;
const PLAN = `query ($input: ConfigureCvmInput!) {
  planCvmConfiguration(input: $input) { changes { field before after } problems { message } }
}`;

/** Inputs that are refused, each with secrets where they belong and where they do not. */
const wrongInputs: readonly (readonly [name: string, query: string, variables: object])[] = [
  ["a value as the key", ENVS, { input: { id, env: { plain: [{ key: VALUE, value: VALUE }] } } }],
  ["a key twice", ENVS, { input: { id, env: { plain: [...env.plain, ...env.plain] } } }],
  ["a value too long", ENVS, { input: { id, env: { plain: [{ key: "A", value: VALUE.repeat(9_000) }] } } }],
  ["half a character", ENVS, { input: { id, env: { plain: [{ key: "A", value: `${VALUE}\ud800` }] } } }],
  ["a lost key", ENVS, { input: { id, env: { plain: [{ key: "OTHER", value: VALUE }] } } }],
  ["a list as the value", ENVS, { input: { id, env: { plain: [{ key: "A", value: [VALUE] }] } } }],
  ["a map as the environment", ENVS, { input: { id, env: { plain: { A: VALUE } } } }],
  ["a text as the environment", ENVS, { input: { id, env: VALUE } }],
  ["both forms", ENVS, { input: { id, env: { ...env, encrypted } } }],
  ["a sealed one that is no hex", ENVS, { input: { id, env: { encrypted: { encryptedEnv: VALUE } } } }],
  [
    "a sealed one too short",
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
  ["the whole input a value", CONFIGURE, { input: VALUE }],
  ["bad YAML", CONFIGURE, { input: { id, dockerComposeFile: `services:\n\t${COMPOSE}: "${COMPOSE}` } }],
  ["an alias", CONFIGURE, { input: { id, dockerComposeFile: `services: *${COMPOSE.replaceAll("-", "")}` } }],
  [
    "a key twice in YAML",
    CONFIGURE,
    { input: { id, dockerComposeFile: `services: {}\n${COMPOSE}: 1\n${COMPOSE}: 2\n` } },
  ],
  ["a tag", CONFIGURE, { input: { id, dockerComposeFile: `services: !!int "${COMPOSE}"\n` } }],
  ["no services", CONFIGURE, { input: { id, dockerComposeFile: `${COMPOSE}: 1\n` } }],
  [
    "too much",
    CONFIGURE,
    { input: { id, dockerComposeFile: `services: {} # ${COMPOSE}`, preLaunchScript: SCRIPT.repeat(20_000) } },
  ],
  [
    "a plan of it all",
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
    "an open string",
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
    "a bad literal of hex",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { encrypted: { encryptedEnv: "${VALUE}" } } }) { __typename } }`,
  ],
  [
    "a refused literal",
    `mutation { updateCvmEnvs(input: { id: "a-b", env: { plain: [{ key: "1", value: "${VALUE}" }] } }) { __typename } }`,
  ],
];

describe("a refused input", () => {
  it.each([...wrongInputs, ...literals.map(([name, query]) => [`literal: ${name}`, query, {}] as const)])(
    "%s",
    async (_name, query, variables) => {
      const logs: string[] = [];
      await using upstream = await startHostile(json(400, structured), []);
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

it("a whole process writes none of it, on the sandbox and at the finest log level", async () => {
  await using gateway = await startMain({ LOG_LEVEL: "trace", SANDBOX_TIME_SCALE: "10000" });
  const send = async (query: string, variables: object) => {
    const response = await gateway.post(query, { "x-api-key": "sandbox-canary" }, variables);
    return response.text();
  };
  const results: string[] = [];
  for (const { query, input } of writes) {
    for (const name of [
      "web-phala",
      "web-base",
      "fails-503",
      "fails-malformed",
      "fails-reset",
      "busy-updating",
    ]) {
      const whole =
        "env" in input
          ? { ...input, id: name, removeKeys: ["DATABASE_URL", "API_TOKEN"] }
          : { ...input, id: name };
      results.push(
        await send(query, { input: query.includes("CommitCvm") ? { ...input, id: name } : whole }),
      );
    }
  }
  await gateway.stop();
  expect(results.some((text) => text.includes('"IN_PROGRESS"'))).toBe(true);
  expect(results.some((text) => text.includes("OnChainHashRequired"))).toBe(true);
  expect(gateway.output()).toContain("upstream call");
  expectClean("the output", gateway.output());
  expectClean("an answer", results.join(""));
}, 60_000);
