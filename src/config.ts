import { z } from "zod";

type Environment = Readonly<Record<string, string | undefined>>;

const port = z.coerce.number("must be a number").int().min(0).max(65_535);
const milliseconds = z.coerce.number("must be a number").int().min(1).max(600_000);
const count = z.coerce.number("must be a number").int().min(1).max(10_000_000);
const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

const upstreamUrl = z.union(
  [
    z.literal("sandbox"),
    z
      .url({ protocol: /^https?$/ })
      .refine((text) => {
        const url = URL.parse(text);
        return (
          url !== null && url.username === "" && url.password === "" && url.search === "" && url.hash === ""
        );
      })
      .transform((text) => text.replace(/\/+$/, "")),
  ],
  "must be 'sandbox' or an http(s) base URL without credentials, query or fragment",
);

/** Every variable that the processes read: its rule, its default, and what it is for. */
const variables = z.object({
  UPSTREAM_URL: upstreamUrl
    .default("sandbox")
    .describe(
      "The REST API: `sandbox`, or a base URL such as https://cloud-api.phala.com/api/v1. Must be given in production.",
    ),
  PORT: port.default(4000).describe("The port of the GraphQL endpoint; 0 takes a free one."),
  HOST: z.string().default("127.0.0.1").describe("The address to listen on."),
  NODE_ENV: z
    .string()
    .default("development")
    .describe("`production` switches off the implied sandbox, GraphiQL, introspection and name suggestions."),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("The least severe log line that is written."),
  GRAPHIQL: flag
    .optional()
    .describe("Serves GraphiQL and answers introspection; true unless NODE_ENV is production."),
  REQUEST_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe("The deadline of one GraphQL request. A write that was sent is awaited beyond it."),
  UPSTREAM_READ_TIMEOUT_MS: milliseconds
    .default(15_000)
    .describe("The budget of one upstream read with its retries."),
  UPSTREAM_WRITE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe("How long the outcome of one upstream write is awaited."),
  DRAIN_TIMEOUT_MS: milliseconds
    .default(75_000)
    .describe("How long running requests may take to end after SIGTERM."),
  WATCH_INTERVAL_MS: milliseconds
    .default(2_000)
    .describe("The time between two polls of the watch that all streams of one credential share."),
  MAX_STREAMS_PER_CALLER: count
    .default(2_000)
    .describe("How many subscriptions one credential may have open in this process."),
  MAX_STREAMS: count.default(20_000).describe("How many subscriptions this process keeps open in all."),
  STREAM_HEARTBEAT_MS: milliseconds
    .max(9_500)
    .default(8_000)
    .describe("How long a stream may be silent before a sign of life is sent, which proxies wait for."),
  SANDBOX_PORT: port.default(0).describe("The port of the sandbox; 0 takes a free one."),
  SANDBOX_TIME_SCALE: z.coerce
    .number("must be a number")
    .min(0)
    .max(10_000)
    .default(1)
    .describe("How many times faster than real time the sandbox's clock runs; 0 stops it."),
});

/** The settings of one gateway process. Times are in milliseconds. */
export type Config = {
  readonly upstreamUrl: string;
  readonly port: number;
  readonly host: string;
  readonly production: boolean;
  readonly logLevel: string;
  readonly graphiql: boolean;
  readonly requestTimeoutMs: number;
  readonly upstreamReadTimeoutMs: number;
  readonly upstreamWriteTimeoutMs: number;
  readonly drainTimeoutMs: number;
  /** How the streams of one credential are fed, and how many there may be. */
  readonly watch: {
    readonly intervalMs: number;
    readonly maxStreamsPerCaller: number;
    readonly maxStreams: number;
  };
  readonly streamHeartbeatMs: number;
  readonly sandbox: SandboxConfig;
};

/** The settings of the sandbox. `port` 0 takes a free one; `timeScale` 0 stops the clock. */
export type SandboxConfig = { readonly port: number; readonly timeScale: number };

/** Thrown for wrong settings, with all problems in one message and never a value. */
export class ConfigError extends Error {
  override readonly name = "ConfigError";

  constructor(problems: readonly string[]) {
    super(`The settings are wrong:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`);
  }
}

function readVariables(environment: Environment): z.output<typeof variables> {
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ""));
  const parsed = variables.safeParse(given);
  const problems = parsed.error?.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`) ?? [];
  if (given["NODE_ENV"] === "production" && given["UPSTREAM_URL"] === undefined) {
    problems.push("UPSTREAM_URL: must be given when NODE_ENV is production");
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

/**
 * Reads the gateway's settings.
 *
 * @throws {ConfigError} with every problem that it found.
 */
export function loadConfig(environment: Environment = process.env): Config {
  const values = readVariables(environment);
  const production = values.NODE_ENV === "production";
  return {
    upstreamUrl: values.UPSTREAM_URL,
    port: values.PORT,
    host: values.HOST,
    production,
    logLevel: values.LOG_LEVEL,
    graphiql: values.GRAPHIQL ?? !production,
    requestTimeoutMs: values.REQUEST_TIMEOUT_MS,
    upstreamReadTimeoutMs: values.UPSTREAM_READ_TIMEOUT_MS,
    upstreamWriteTimeoutMs: values.UPSTREAM_WRITE_TIMEOUT_MS,
    drainTimeoutMs: values.DRAIN_TIMEOUT_MS,
    watch: {
      intervalMs: values.WATCH_INTERVAL_MS,
      maxStreamsPerCaller: values.MAX_STREAMS_PER_CALLER,
      maxStreams: values.MAX_STREAMS,
    },
    streamHeartbeatMs: values.STREAM_HEARTBEAT_MS,
    sandbox: { port: values.SANDBOX_PORT, timeScale: values.SANDBOX_TIME_SCALE },
  };
}

/**
 * Reads the settings of a sandbox that runs alone.
 *
 * @throws {ConfigError} with every problem that it found.
 */
export function loadSandboxConfig(environment: Environment = process.env): SandboxConfig {
  return loadConfig({ ...environment, UPSTREAM_URL: "sandbox" }).sandbox;
}

/** Lists every variable with its default (absent where there is none) and its purpose. */
export function describeVariables(): { name: string; fallback: string | undefined; purpose: string }[] {
  const defaults: Record<string, unknown> = variables.parse({});
  return Object.entries(variables.shape).map(([name, rule]) => ({
    name,
    fallback: defaults[name]?.toString(),
    purpose: rule.description ?? "",
  }));
}
