import { setTimeout as sleep } from "node:timers/promises";
import { startSandbox } from "../../sandbox/server.ts";
import { ask, createGateway, type GatewayOptions, type JournalEntry } from "./gateway.ts";
import { startRuleProxy } from "./upstream/proxy.ts";

/** The key that tests use unless they say otherwise. */
export const KEY = "sandbox-test";

/** Subscribe to an operation, with every field that changes. */
export const FOLLOW = `subscription Follow($cvmId: ID!, $correlationId: ID!) {
  operation(cvmId: $cvmId, correlationId: $correlationId) { status step percent errorMessage }
}`;

/** Subscribe to a CVM. */
export const WATCH = "subscription Watch($id: ID!) { cvmState(id: $id) { status bootProgress } }";

/** Wait until a condition is true. Fails after 10 s. */
export async function until(condition: () => boolean | Promise<boolean>, limitMs = 10_000): Promise<void> {
  const end = performance.now() + limitMs;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`The condition was not true within ${limitMs} ms.`);
    await sleep(5);
  }
}

/** Start a gateway whose watch polls every 20 ms, in front of a sandbox whose clock is stopped. */
export async function startStreamingGateway(
  environment: Readonly<Record<string, string>> = {},
  options: Pick<GatewayOptions, "logs" | "metrics"> = {},
) {
  const sandbox = await startSandbox({ timeScale: 0 });
  const { proxy, ...upstream } = await startRuleProxy(sandbox.url);
  const gateway = createGateway(upstream.url, {
    ...options,
    environment: { WATCH_INTERVAL_MS: "20", STREAM_HEARTBEAT_MS: "200", ...environment },
  });
  const server = await gateway.listen();
  const readJournal = async (): Promise<JournalEntry[]> =>
    (await fetch(`${sandbox.origin}/__sandbox/journal`)).json();
  const countPolls = async () =>
    (await readJournal()).filter(({ path, status }) => path === "/status/batch" && status !== null).length;
  return {
    ...gateway,
    sandbox,
    /** The calls that reach the REST API, and the rule that changes its answers. */
    proxy,
    url: `${server.url}/graphql`,
    drain: server.drain,
    readJournal,
    clearJournal: () => fetch(`${sandbox.origin}/__sandbox/journal`, { method: "DELETE" }),
    /** Advance the sandbox's clock, then wait until the watch has polled twice. */
    async advance(ms: number): Promise<void> {
      await fetch(`${sandbox.origin}/__sandbox/advance`, { method: "POST", body: JSON.stringify({ ms }) });
      const before = await countPolls();
      await until(async () => (await countPolls()) >= before + 2);
    },
    /** Advance the sandbox's clock without waiting. */
    jump: (ms: number) =>
      fetch(`${sandbox.origin}/__sandbox/advance`, { method: "POST", body: JSON.stringify({ ms }) }),
    /** Send a request to the sandbox directly, as another client would. */
    call: (method: string, path: string, key = KEY) =>
      fetch(`${sandbox.url}${path}`, { method, headers: { "x-api-key": key } }),
    /** Start an update. @returns its correlation id */
    async update(id: string, key = KEY): Promise<string> {
      const { data } = await ask(
        gateway.app,
        `mutation ($id: ID!, $vcpu: Int!) {
          configureCvm(input: { id: $id, vcpu: $vcpu }) { ... on InProgress { correlationId } }
        }`,
        { id, vcpu: 8 },
        { "x-api-key": key },
      );
      return data.configureCvm.correlationId;
    },
    async [Symbol.asyncDispose]() {
      await server.drain(500);
      await gateway.close();
      await upstream[Symbol.asyncDispose]();
      await sandbox.close();
    },
  };
}

/** Start a subscription in this process, over Server-Sent Events. A result is read only when `next` is called. */
export async function openStream(
  app: { fetch(url: string, init: RequestInit): Response | Promise<Response> },
  query: string,
  variables: Readonly<Record<string, unknown>>,
  headers: Readonly<Record<string, string>> = { "x-api-key": KEY },
) {
  const response = await app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", accept: "text/event-stream", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const { body } = response;
  if (body === null) throw new TypeError("The answer has no body.");
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let text = "";
  return {
    response,
    /** Return the next result, or null after the end of the stream. */
    // biome-ignore lint/suspicious/noExplicitAny: tests read results of any shape
    async next(): Promise<any> {
      for (;;) {
        const end = text.indexOf("\n\n");
        if (end >= 0) {
          const event = text.slice(0, end);
          text = text.slice(end + 2);
          if (event.startsWith("event: complete")) return null;
          if (event.startsWith("event: next")) return JSON.parse(event.slice(event.indexOf("data: ") + 6));
          continue;
        }
        const { done, value } = await reader.read();
        if (done) return null;
        text += decoder.decode(value, { stream: true });
      }
    },
    leave: () => reader.cancel(),
  };
}
