import { secp256k1 } from "@noble/curves/secp256k1.js";
import { z } from "zod";

type Environment = Readonly<Record<string, string | undefined>>;

const port = z.coerce.number("must be a number").int().min(0).max(65_535);
const milliseconds = z.coerce.number("must be a number").int().min(1).max(600_000);
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
    "must be secp256k1 public keys in hex, 33 or 65 bytes each, separated by commas",
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
    .default(180_000)
    .describe(
      "The deadline of one GraphQL request, waiting included. A write that was sent is awaited beyond it.",
    ),
  UPSTREAM_READ_TIMEOUT_MS: milliseconds
    .default(15_000)
    .describe("The budget of one upstream read with its retries."),
  UPSTREAM_WRITE_TIMEOUT_MS: milliseconds
    .default(60_000)
    .describe("How long the outcome of one upstream write is awaited."),
  DRAIN_TIMEOUT_MS: milliseconds
    .default(190_000)
    .describe("How long running requests may take to end after SIGTERM."),
  REDIS_URL: z
    .url({ protocol: /^rediss?$/, message: "must be a redis:// or rediss:// URL" })
    .optional()
    .describe(
      "A Redis where several gateways share idempotency keys; without it each process keeps its own.",
    ),
  TRUSTED_KMS_ROOT_KEYS: rootKeys
    .optional()
    .describe(
      "The KMS root keys (secp256k1, hex, 33 or 65 bytes, comma separated) whose signature makes an environment key verified. List those of every KMS in use: once one is given, a key that another one signed is refused.",
    ),
  REQUIRE_VERIFIED_KMS_KEY: flag
    .default(false)
    .describe("Seals `env.plain` only to keys that a trusted root key signed."),
  ALLOW_PLAINTEXT_ENV: flag
    .default(true)
    .describe("Takes `env.plain` and seals it here; false takes environments only that the client sealed."),
  SANDBOX_PORT: port.default(0).describe("The port of the sandbox; 0 takes a free one."),
  SANDBOX_TIME_SCALE: z.coerce
    .number("must be a number")
    .min(0)
    .max(10_000)
    .default(1)
    .describe("How many times faster than real time the sandbox's clock runs; 0 stops it."),
  SANDBOX_CHAIN_RPC_URL: z
    .url({ protocol: /^https?$/, error: "must be an http(s) URL" })
    .optional()
    .describe(
      "The JSON-RPC endpoint of an EVM node, for example http://127.0.0.1:8545 of anvil. The sandbox then looks for transactions and app contracts there instead of on its own small ledgers.",
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
  readonly sandbox: SandboxConfig;
  /** What may hold a password, apart from what may be shown. */
  readonly secrets: { readonly redisUrl: string | null };
};

/** What the operator decided about environments that arrive in clear. */
export type EnvPolicy = {
  /** secp256k1, hex, compressed or not; empty: no key is ever verified. */
  readonly trustedRootKeys: readonly string[];
  /** Seal to verified keys only. */
  readonly requireVerifiedKey: boolean;
  /** Take environments in clear at all. */
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
    fallback: defaults[name]?.toString(),
    purpose: rule.description ?? "",
  }));
}
