import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startSandbox } from "../../sandbox/server.ts";
import { LIMIT_MS, startMonitoredGateway } from "../support/loop-monitor.ts";
import { CONFIGURE, PLAN } from "../support/mutations.ts";

let sandbox: Awaited<ReturnType<typeof startSandbox>>;
let gateway: Awaited<ReturnType<typeof startMonitoredGateway>>;
let callers = 0;

beforeAll(async () => {
  sandbox = await startSandbox({ timeScale: 0 });
  gateway = await startMonitoredGateway({ UPSTREAM_URL: sandbox.url });
  for (const query of [PLAN, CONFIGURE]) await send(query, { vcpu: 2 });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await sandbox.close();
});

/** Send an input for one CVM of a new caller, so that no operation of an earlier request is in the way. */
async function send(query: string, input: object) {
  callers += 1;
  const headers = { "x-api-key": `sandbox-input-${callers}` };
  const response = await gateway.post(query, headers, { input: { id: "web-phala", ...input } });
  return response.json();
}

/** Send a text as the body of a request. */
async function sendText(body: string) {
  const response = await fetch(`${gateway.url}/graphql`, {
    method: "POST",
    headers: { "content-type": "application/json", "x-api-key": "sandbox-main" },
    body,
  });
  return response.json();
}

const list = <T>(count: number, create: (index: number) => T) =>
  Array.from({ length: count }, (_, index) => create(index));

describe("a request with a large input", () => {
  it.each([
    ["100,000 allowed names", { allowedEnvs: list(100_000, (index) => `A${index}`) }],
    ["100,000 removed names", { removeKeys: list(100_000, (index) => `A${index}`) }],
    ["30,000 variables", { env: { plain: list(30_000, (index) => ({ key: `K${index}`, value: "v" })) } }],
    ["60,000 unknown fields", Object.fromEntries(list(60_000, (index) => [`z${index}`, 1]))],
  ])("does not block the event loop, and is a client error: %s", async (_name, input) => {
    for (const query of [PLAN, CONFIGURE]) {
      const delay = await gateway.measureDelay(async () => {
        const { errors } = await send(query, input);
        expect(errors[0].extensions.code).toBe("BAD_USER_INPUT");
        expect(errors[0].message).toContain("too many values");
      });
      expect(delay).toBeLessThanOrEqual(LIMIT_MS);
    }
  });

  it("does not block the event loop with 1,000 variables and a script of 180 KB, which are applied", async () => {
    const input = {
      preLaunchScript: `echo "\${A}"\n`.repeat(15_000),
      removeKeys: ["DATABASE_URL", "API_TOKEN"],
      env: { plain: list(1_000, (index) => ({ key: `K${index}`, value: "v".repeat(500) })) },
    };
    const delay = await gateway.measureDelay(async () => {
      const { data } = await send(CONFIGURE, input);
      expect(data.configureCvm.__typename).toBe("InProgress");
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });

  it("does not block the event loop with a sealed environment of 480 KB, which is applied", async () => {
    const input = { env: { encrypted: { encryptedEnv: "ab".repeat(480_000) } } };
    const delay = await gateway.measureDelay(async () => {
      const { data } = await send(CONFIGURE, input);
      expect(data.configureCvm.__typename).toBe("InProgress");
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });

  it.each([
    [
      "variables nested 150,000 times",
      `{"query":"{ __typename }","variables":${'{"a":'.repeat(150_000)}1${"}".repeat(150_000)}}`,
    ],
    ["extensions nested 400,000 times", `{"query":"{ __typename }","extensions":{"a":${"[".repeat(400_000)}`],
    ["brackets without end", "[".repeat(1_000_000)],
    ["quotes without end", '"\\u0041'.repeat(36_000)],
    ["300,000 requests in one", `[${"{},".repeat(300_000)}{}]`],
  ])("does not block the event loop, and is a client error: %s", async (_name, body) => {
    const delay = await gateway.measureDelay(async () => {
      const { errors } = await sendText(body);
      expect(errors[0].extensions.code).not.toBe("INTERNAL_SERVER_ERROR");
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });
});
