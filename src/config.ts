// Over 250 lines, because this one table holds every setting of the process.
import { isIP } from "node:net";
import { secp256k1 } from "@noble/curves/secp256k1.js";
import { z } from "zod";
import { StartupError } from "./errors.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/** A whole number in plain digits. */
const integer = (min: number, max: number) =>
  z
    .string()
    .refine((text) => {
      const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
      return value >= min && value <= max;
    }, `must be a number without a fraction, from ${min} to ${max}`)
    .transform(Number);

const port = integer(0, 65_535);
const milliseconds = integer(1, 600_000);
const count = integer(1, 10_000_000);
const flag = z.enum(["true", "false"], "must be true or false").transform((text) => text === "true");

const perMinute = integer(0, 10_000_000);

/** A comma-separated list. */
const list = (isEntry: (entry: string) => boolean, message: string) =>
  z
    .string()
    .transform((text) => text.split(",").map((entry) => entry.trim()))
    .refine((entries) => entries.every(isEntry), message)
    .default([]);

function isOrigin(text: string): boolean {
  return text === "*" || URL.parse(text)?.origin === text;
}

function isAddressRange(text: string): boolean {
  const [address = "", bits, ...rest] = text.split("/");
  const size = isIP(address) === 6 ? 128 : 32;
  return (
    isIP(address) !== 0 &&
    rest.length === 0 &&
    (bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= size))
  );
}

const upstreamUrl = z.union(
  [
    z.literal("sandbox"),
    z
      .string()
      // URL.parse alone is too lenient: it drops an empty query, escapes blanks and reads `http:///x` as a host.
      .refine((text) => /^https?:\/\/[^\s/?#@\\]+(\/[^\s?#\\]*)?$/i.test(text) && URL.canParse(text))
      .transform((text) => text.replace(/\/+$/, "")),
  ],
  "must be 'sandbox' or an http(s) base URL without credentials, query or fragment",
);

function isRootKey(hex: string): boolean {
  try {
    return /^(?:[0-9a-f]{66}|[0-9a-f]{130})$/.test(hex) && secp256k1.Point.fromHex(hex) !== undefined;
  } catch {
    return false;
  }
}

const rootKeys = z
  .string()
  .transform((text) => text.split(",").map((key) => key.trim().replace(/^0x/i, "").toLowerCase()))
  .refine(
    (keys) => keys.every(isRootKey),
    "must be secp256k1 public keys in hex, 33 or 65 bytes each, comma-separated",
  );

/** Every variable that the processes read: its rule, its default, and what it is for. */
const variables = z.object({
  UPSTREAM_URL: upstreamUrl
    .default("sandbox")
    .describe(
      "Base URL of the REST API, such as https://cloud-api.phala.com/api/v1, or `sandbox`. Required in production.",
    ),
  PORT: port.default(4000).describe("Port of the GraphQL endpoint. 0 uses a free port."),
  HOST: z.string().default("127.0.0.1").describe("Address to listen on."),
  NODE_ENV: z
    .enum(["development", "test", "production"], "must be development, test or production, in lower case")
    .default("development")
    .describe(
      "`production` turns off the default sandbox, GraphiQL, introspection and name suggestions in errors.",
    ),
  LOG_LEVEL: z
    .enum(["trace", "debug", "info", "warn", "error", "fatal", "silent"])
    .default("info")
    .describe("Lowest level of log lines that are written."),
  GRAPHIQL: flag
    .optional()
    .describe(
      "Serve GraphiQL and answer introspection. The default is true, and false when NODE_ENV is production.",
    ),
  REQUEST_TIMEOUT_MS: milliseconds
    .default(180_000)
    .describe(
      "Time limit of one GraphQL request, including waits. A write that was sent is awaited beyond it.",
    ),
  UPSTREAM_READ_TIMEOUT_MS: milliseconds
    .default(15_000)
    .describe("Time limit of one upstream read, including its retries."),
  UPSTREAM_WRITE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe("Time limit for the answer to one upstream write."),
  DRAIN_TIMEOUT_MS: milliseconds
    .default(190_000)
    .describe("Time that running requests have to end after SIGTERM."),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, message: "must be a redis:// or rediss:// URL" })
    .optional()
    .describe(
      "Redis in which several gateways share idempotency keys and rate limits. Without it, each process has its own.",
    ),
  TRUSTED_KMS_ROOT_KEYS: rootKeys
    .optional()
    .describe(
      "KMS root keys (secp256k1, hex, 33 or 65 bytes, comma-separated). An environment key that one of them signed is verified. List the keys of every KMS in use: when the list is not empty, an environment key that another key signed is rejected.",
    ),
  REQUIRE_VERIFIED_KMS_KEY: flag
    .default(false)
    .describe("Seal `env.plain` only to keys that a trusted root key signed."),
  ALLOW_PLAINTEXT_ENV: flag
    .default(true)
    .describe(
      "Accept `env.plain` and seal it in the gateway. With false, only environments that the client sealed are accepted.",
    ),
  UPSTREAM_BREAKER_OPEN_MS: milliseconds
    .default(5_000)
    .describe(
      "How long the circuit breaker rejects calls to a REST API that does not answer, before it tries one again.",
    ),
  MAX_UPSTREAM_CALLS: count
    .default(50)
    .describe(
      "Maximum number of upstream calls of one GraphQL operation, by the estimate that is made before it runs.",
    ),
  RATE_LIMIT_READS: perMinute
    .default(0)
    .describe("Queries and subscriptions per minute and credential. 0 means no limit."),
  RATE_LIMIT_WRITES: perMinute.default(0).describe("Mutations per minute and credential. 0 means no limit."),
  RATE_LIMIT_ADDRESS_READS: perMinute
    .default(0)
    .describe("Queries and subscriptions per minute and IP address (IPv6: per /64). 0 means no limit."),
  RATE_LIMIT_ADDRESS_WRITES: perMinute
    .default(0)
    .describe("Mutations per minute and IP address (IPv6: per /64). 0 means no limit."),
  TRUSTED_PROXIES: list(isAddressRange, "must be IP addresses or CIDR ranges, comma-separated").describe(
    "IP addresses or CIDR ranges of the proxies in front of the gateway, comma-separated. X-Forwarded-For is used only when it comes from one of them.",
  ),
  CORS_ORIGINS: list(isOrigin, "must be origins such as https://app.example.com, comma-separated").describe(
    "Web origins whose pages may call the gateway, comma-separated, or `*`. Cookies are never allowed.",
  ),
  PERSISTED_DOCUMENTS: z
    .string()
    .optional()
    .describe("File with a manifest of trusted documents, or a folder of such files. Read again on SIGHUP."),
  PERSISTED_ONLY: flag.default(false).describe("Reject operations that are not trusted documents."),
  METRICS_PORT: port
    .optional()
    .describe("Port of GET /metrics for Prometheus, on the same HOST. 0 uses a free port. Off by default."),
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .optional()
    .describe(
      "URL that traces are sent to (OTLP over HTTP). Tracing is off unless this or the next variable is set.",
    ),
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: z
    .string()
    .optional()
    .describe("The same, for traces only. OpenTelemetry reads the other standard OTEL_* variables itself."),
  OTEL_SDK_DISABLED: flag.default(false).describe("Turn tracing off, whatever the other variables say."),
  WATCH_INTERVAL_MS: milliseconds
    .default(2_000)
    .describe("Time between two polls for the subscriptions of one credential, which share the poll."),
  MAX_STREAMS_PER_CALLER: count
    .default(2_000)
    .describe("Maximum number of open subscriptions of one credential in this process."),
  MAX_STREAMS: count.default(20_000).describe("Maximum number of open subscriptions in this process."),
  STREAM_HEARTBEAT_MS: integer(1, 9_500)
    .default(8_000)
    .describe(
      "How long a stream may be silent before a heartbeat is sent. Proxies close silent connections.",
    ),
  SANDBOX_PORT: port.default(0).describe("Port of the sandbox. 0 uses a free port."),
  SANDBOX_TIME_SCALE: z
    .string()
    .refine(
      (text) => /^\d{1,5}(\.\d{1,9})?$/.test(text) && Number(text) <= 10_000,
      "must be a number from 0 to 10000",
    )
    .transform(Number)
    .default(1)
    .describe("Speed of the sandbox's clock as a multiple of real time. 0 stops it."),
  SANDBOX_CHAIN_RPC_URL: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .optional()
    .describe(
      "JSON-RPC endpoint of an EVM node, for example http://127.0.0.1:8545 for anvil. The sandbox then reads transactions and app contracts from that node instead of its own chains.",
    ),
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
  readonly envPolicy: EnvPolicy;
  readonly upstreamBreakerOpenMs: number;
  readonly front: FrontConfig;
  /** Null switches metrics off. */
  readonly metricsPort: number | null;
  readonly tracing: boolean;
  /** How the streams of one credential are fed, and how many there may be. */
  readonly watch: {
    readonly intervalMs: number;
    readonly maxStreamsPerCaller: number;
    readonly maxStreams: number;
  };
  readonly streamHeartbeatMs: number;
  readonly sandbox: SandboxConfig;
  /** What may hold a password, apart from what may be shown. */
  readonly secrets: { readonly redisUrl: string | null };
};

/** The operator's rules for environments that arrive in plain text. */
export type EnvPolicy = {
  /** secp256k1, hex, compressed or not. With an empty list, no key is verified. */
  readonly trustedRootKeys: readonly string[];
  /** Seal only to verified keys. */
  readonly requireVerifiedKey: boolean;
  /** Accept environments in plain text. */
  readonly allowPlaintext: boolean;
};

/**
 * The settings of the sandbox. `port` 0 takes a free one; `timeScale` 0 stops the clock; `chainRpcUrl` is the
 * EVM node that it asks instead of its own ledgers.
 */
export type SandboxConfig = {
  readonly port: number;
  readonly timeScale: number;
  readonly chainRpcUrl: string | undefined;
};

/** Operations per minute; 0 sets no limit. */
type RateLimits = { readonly reads: number; readonly writes: number };

/** What the front door lets in. */
export type FrontConfig = {
  readonly production: boolean;
  readonly maxUpstreamCalls: number;
  readonly rateLimits: { readonly credential: RateLimits; readonly address: RateLimits };
  /** IP addresses or CIDR ranges. */
  readonly trustedProxies: readonly string[];
  /** Origins, or `*`. */
  readonly corsOrigins: readonly string[];
  /** A file or folder, or null where there are none. */
  readonly persistedDocuments: string | null;
  readonly persistedOnly: boolean;
};

/** Thrown for wrong settings, with all problems in one message and never a value. */
export class ConfigError extends StartupError {
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
  if (given["PERSISTED_ONLY"] === "true" && given["PERSISTED_DOCUMENTS"] === undefined) {
    problems.push("PERSISTED_DOCUMENTS: must be given when PERSISTED_ONLY is true");
  }
  if (!parsed.success || problems.length > 0) throw new ConfigError(problems);
  return parsed.data;
}

function toFrontConfig(values: z.output<typeof variables>, production: boolean): FrontConfig {
  return {
    production,
    maxUpstreamCalls: values.MAX_UPSTREAM_CALLS,
    rateLimits: {
      credential: { reads: values.RATE_LIMIT_READS, writes: values.RATE_LIMIT_WRITES },
      address: { reads: values.RATE_LIMIT_ADDRESS_READS, writes: values.RATE_LIMIT_ADDRESS_WRITES },
    },
    trustedProxies: values.TRUSTED_PROXIES,
    corsOrigins: values.CORS_ORIGINS,
    persistedDocuments: values.PERSISTED_DOCUMENTS ?? null,
    persistedOnly: values.PERSISTED_ONLY,
  };
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
    upstreamBreakerOpenMs: values.UPSTREAM_BREAKER_OPEN_MS,
    front: toFrontConfig(values, production),
    metricsPort: values.METRICS_PORT ?? null,
    tracing:
      !values.OTEL_SDK_DISABLED &&
      (values.OTEL_EXPORTER_OTLP_ENDPOINT ?? values.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT) !== undefined,
    envPolicy: {
      trustedRootKeys: values.TRUSTED_KMS_ROOT_KEYS ?? [],
      requireVerifiedKey: values.REQUIRE_VERIFIED_KMS_KEY,
      allowPlaintext: values.ALLOW_PLAINTEXT_ENV,
    },
    sandbox: {
      port: values.SANDBOX_PORT,
      timeScale: values.SANDBOX_TIME_SCALE,
      chainRpcUrl: values.SANDBOX_CHAIN_RPC_URL,
    },
    secrets: { redisUrl: values.REDIS_URL ?? null },
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
    fallback: defaults[name]?.toString() || undefined,
    purpose: rule.description ?? "",
  }));
}
