import { createClient } from "@phala/cloud";
import { z } from "zod";
import { type Sandbox, type SandboxOptions, startSandbox } from "../../sandbox/server.ts";

const KEY = "sandbox-demo";

/** Start a sandbox whose clock is stopped, with the calls that tests send to it. */
export type TestSandbox = Sandbox & {
  /** The official SDK, pointed at the sandbox. */
  readonly client: ReturnType<typeof createClient>;
  advance(ms: number): Promise<void>;
  /** A plain request below the base path with the key of `sandbox-demo`. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** Give a CVM special behaviors, instead of those that it has. */
  setBehaviors(name: string, behaviors: readonly string[]): Promise<void>;
  /** What the guest of a CVM ended up with. */
  guestEnv(name: string): Promise<unknown>;
  journal(): Promise<z.output<typeof journalSchema>>;
};

/** An answer as it stands on the wire; JSON is parsed, other text is left as it is. */
type Answer = { readonly status: number; readonly headers: Headers; readonly body: unknown };

const journalSchema = z.array(
  z.strictObject({
    method: z.string(),
    path: z.string(),
    query: z.record(z.string(), z.union([z.string(), z.array(z.string())])),
    headers: z.record(z.string(), z.string()),
    body: z.unknown(),
    status: z.number().nullable(),
    at: z.iso.datetime(),
  }),
);

export async function startTestSandbox(options: SandboxOptions = { timeScale: 0 }): Promise<TestSandbox> {
  const sandbox = await startSandbox(options);
  const { origin, url } = sandbox;
  return {
    ...sandbox,
    client: createClient({ apiKey: KEY, baseURL: url }),
    async advance(ms) {
      const response = await fetch(`${origin}/__sandbox/advance`, {
        method: "POST",
        body: JSON.stringify({ ms }),
      });
      if (!response.ok) throw new Error(`advance: ${response.status}`);
    },
    async call(method, path, body, headers = {}) {
      const isText = typeof body === "string" || body instanceof FormData;
      const response = await fetch(url + path, {
        method,
        ...(body !== undefined && { body: isText ? body : JSON.stringify(body) }),
        headers: {
          "x-api-key": KEY,
          ...(body !== undefined && !isText && { "content-type": "application/json" }),
          ...headers,
        },
      });
      return { status: response.status, headers: response.headers, body: parse(await response.text()) };
    },
    async setBehaviors(name, behaviors) {
      const response = await fetch(`${origin}/__sandbox/cvms/${name}/behaviors`, {
        method: "PUT",
        headers: { "x-api-key": KEY },
        body: JSON.stringify({ behaviors }),
      });
      if (!response.ok) throw new Error(`behaviors: ${response.status}`);
    },
    async guestEnv(name) {
      const headers = { "x-api-key": KEY };
      const response = await fetch(`${origin}/__sandbox/cvms/${name}/env`, { headers });
      return response.json();
    },
    async journal() {
      const response = await fetch(`${origin}/__sandbox/journal`);
      return journalSchema.parse(await response.json());
    },
  };
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return text;
  }
}
