import { once } from "node:events";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { WebSocket } from "ws";
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

describe("a document with 20 dry runs of one input", () => {
  const plans = `query ($input: ConfigureCvmInput!) { ${list(20, (index) => `p${index}: planCvmConfiguration(input: $input) { problems { code } envKeysAdded composeHashAfter }`).join(" ")} }`;

  it.each([
    ["9,900 allowed names", { allowedEnvs: list(9_900, (index) => `A${index}`) }],
    ["a small file with 900 errors", { dockerComposeFile: "a: b\n".repeat(800) }],
    ["a script of 180 KB", { preLaunchScript: "echo x\n".repeat(26_000) }],
    [
      "1,000 variables",
      { env: { plain: list(1_000, (index) => ({ key: `K${index}`, value: "v".repeat(900) })) } },
    ],
  ])("does not block the event loop, and answers them all: %s", async (_name, input) => {
    const delay = await gateway.measureDelay(async () => {
      const { data, errors } = await send(plans, input);
      expect(errors).toBeUndefined();
      expect(Object.keys(data)).toHaveLength(20);
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });
});

describe("messages on a WebSocket", () => {
  const connect = async () => {
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    socket.send(JSON.stringify({ type: "connection_init", payload: { "x-api-key": "sandbox-main" } }));
    await once(socket, "message");
    return socket;
  };

  it.each([
    ["lists nested 24,000 times", `{"i":${"[".repeat(24_000)}${"]".repeat(24_000)}}`],
    ["24,000 variables", JSON.stringify(Object.fromEntries(list(24_000, (index) => [`z${index}`, 1])))],
  ])("do not block the event loop, and are client errors: %s", async (_name, variables) => {
    const delay = await gateway.measureDelay(async () => {
      const socket = await connect();
      socket.send(
        `{"id":"1","type":"subscribe","payload":{"query":"{ __typename }","variables":${variables}}}`,
      );
      const [data] = await once(socket, "message");
      expect(JSON.parse(String(data)).payload[0].extensions.code).toBe("BAD_USER_INPUT");
      socket.terminate();
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });

  it.each([
    ["300,000 items", `{"id":"1","type":"subscribe","payload":{"variables":{"i":[${"1,".repeat(300_000)}`],
    ["a ping of 1 MB", `{"type":"ping","payload":{"a":${"[".repeat(450_000)}${"]".repeat(450_000)}}}`],
    ["1 MB that is not JSON", "[".repeat(1_000_000)],
  ])("do not block the event loop, and close the socket: %s", async (_name, message) => {
    const delay = await gateway.measureDelay(async () => {
      const socket = await connect();
      socket.send(message);
      const [code] = await once(socket, "close");
      expect(code).toBe(4400);
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });

  it("do not block the event loop when 100,000 pings arrive together", async () => {
    const delay = await gateway.measureDelay(async () => {
      const socket = await connect();
      let pongs = 0;
      const answered = new Promise<void>((resolve) => {
        socket.on("message", () => {
          pongs += 1;
          if (pongs === 100_000) resolve();
        });
      });
      for (let ping = 0; ping < 100_000; ping += 1) socket.send('{"type":"ping"}');
      await answered;
      socket.terminate();
    });
    expect(delay).toBeLessThanOrEqual(LIMIT_MS);
  });

  it("of 64 KB and more are not read before the client has initialised the connection", async () => {
    const socket = new WebSocket(`${gateway.url.replace("http", "ws")}/graphql`, "graphql-transport-ws");
    await once(socket, "open");
    const payload = { "x-api-key": "sandbox-main", padding: "x".repeat(70_000) };
    socket.send(JSON.stringify({ type: "connection_init", payload }));
    const [code] = await once(socket, "close");
    expect(code).toBe(4400);
  });
});
