import { z } from "zod";
import {
  count,
  flag,
  integer,
  isAddressRange,
  isOrigin,
  list,
  logLevel,
  milliseconds,
  optional,
  perMinute,
  port,
  rootKeys,
  upstreamUrl,
} from "./rules.ts";
import { sandboxSettings } from "./sandbox.ts";
import { secretSettings } from "./secrets.ts";
import { setting } from "./variables.ts";

/** Every setting of the process, one entry each. `Config` in config.ts has the same properties. */
export const settings = z.object({
  upstreamUrl: setting(
    "UPSTREAM_URL",
    upstreamUrl.default("sandbox"),
    "Base URL of the REST API, such as https://cloud-api.phala.com/api/v1, or `sandbox`. Required in production.",
  ),
  port: setting("PORT", port.default(4000), "Port of the GraphQL endpoint. 0 uses a free port."),
  host: setting("HOST", z.string().default("127.0.0.1"), "Address to listen on."),
  nodeEnv: setting(
    "NODE_ENV",
    z
      .enum(["development", "test", "production"], "must be development, test or production, in lower case")
      .default("development"),
    "`production` turns off the default sandbox, GraphiQL, introspection and name suggestions in errors.",
  ),
  logLevel: setting("LOG_LEVEL", logLevel.default("info"), "Lowest level of log lines that are written."),
  graphiql: setting(
    "GRAPHIQL",
    flag.optional(),
    "Serve GraphiQL and `/schema.graphql`, and answer introspection. The default is true, and false when NODE_ENV is production.",
  ),
  requestTimeoutMs: setting(
    "REQUEST_TIMEOUT_MS",
    milliseconds.default(180_000),
    "Time limit of one GraphQL request, including waits. A write that was sent is awaited beyond it.",
  ),
  upstreamReadTimeoutMs: setting(
    "UPSTREAM_READ_TIMEOUT_MS",
    milliseconds.default(15_000),
    "Time limit of one upstream read, including its retries.",
  ),
  upstreamWriteTimeoutMs: setting(
    "UPSTREAM_WRITE_TIMEOUT_MS",
    milliseconds.default(60_000),
    "Time limit for the answer to one upstream write.",
  ),
  shutdownDelayMs: setting(
    "SHUTDOWN_DELAY_MS",
    integer(0, 600_000).default(0),
    "Time after SIGTERM during which the gateway is not ready but still accepts requests, so that load balancers can stop sending them. The drain begins afterwards.",
  ),
  drainTimeoutMs: setting(
    "DRAIN_TIMEOUT_MS",
    milliseconds.default(190_000),
    "Time that running requests have to end when the drain has begun.",
  ),
  secrets: secretSettings,
  noProxy: setting(
    "NO_PROXY",
    z.string().default(""),
    "Hosts that are called without a proxy, comma-separated: example.com with its subdomains, *.example.com without itself, an IP address, each with or without a port, or `*`. `no_proxy` means the same and has precedence.",
    { alias: "no_proxy" },
  ),
  /** Rules for environments that arrive in plain text. */
  envPolicy: z.object({
    /** secp256k1 in hex, compressed or not. Without a key, no environment key is verified. */
    trustedRootKeys: setting(
      "TRUSTED_KMS_ROOT_KEYS",
      rootKeys.default([]),
      "KMS root keys (secp256k1, hex, 33 or 65 bytes, comma-separated). An environment key that one of them signed is verified. List the keys of every KMS in use: when the list is not empty, an environment key that another key signed is rejected.",
    ),
    requireVerifiedKey: setting(
      "REQUIRE_VERIFIED_KMS_KEY",
      flag.default(false),
      "Seal `env.plain` only to keys that a trusted root key signed.",
    ),
    allowPlaintext: setting(
      "ALLOW_PLAINTEXT_ENV",
      flag.default(true),
      "Accept `env.plain` and seal it in the gateway. With false, only environments that the client sealed are accepted.",
    ),
  }),
  accessFile: setting(
    "ACCESS_FILE",
    optional(z.string()),
    "File with issuers, workspaces, roles and grants: callers sign in, and the gateway holds the API keys. Read again on SIGHUP. See docs/access.md.",
  ),
  auditLog: setting(
    "AUDIT_LOG",
    optional(z.string()),
    "Where each write is recorded in one line: `stdout`, `off`, or a file. The default is `stdout` with ACCESS_FILE, and `off` without.",
  ),
  upstreamBreakerOpenMs: setting(
    "UPSTREAM_BREAKER_OPEN_MS",
    milliseconds.default(5_000),
    "How long the circuit breaker rejects calls to a REST API that does not answer, before it tries one again.",
  ),
  /** What the HTTP server accepts. */
  front: z.object({
    maxUpstreamCalls: setting(
      "MAX_UPSTREAM_CALLS",
      count.default(50),
      "Maximum number of upstream calls of one GraphQL operation, by the estimate that is made before it runs.",
    ),
    rateLimits: z.object({
      credential: z.object({
        reads: setting(
          "RATE_LIMIT_READS",
          perMinute.default(0),
          "Queries and subscriptions per minute of one credential in one workspace. 0 means no limit.",
        ),
        writes: setting(
          "RATE_LIMIT_WRITES",
          perMinute.default(0),
          "Mutations per minute of one credential in one workspace. 0 means no limit.",
        ),
      }),
      address: z.object({
        reads: setting(
          "RATE_LIMIT_ADDRESS_READS",
          perMinute.default(0),
          "Queries and subscriptions per minute and IP address (IPv6: per /64). 0 means no limit.",
        ),
        writes: setting(
          "RATE_LIMIT_ADDRESS_WRITES",
          perMinute.default(0),
          "Mutations per minute and IP address (IPv6: per /64). 0 means no limit.",
        ),
      }),
    }),
    maxSocketsPerAddress: setting(
      "MAX_SOCKETS_PER_ADDRESS",
      integer(0, 10_000_000).default(100),
      "Maximum number of open WebSockets, and of single connections of graphql-sse, of one IP address (IPv6: per /64) in this process. 0 means no limit.",
    ),
    trustedProxies: setting(
      "TRUSTED_PROXIES",
      list(isAddressRange, "must be IP addresses or CIDR ranges, comma-separated"),
      "IP addresses or CIDR ranges of the proxies in front of the gateway, comma-separated. X-Forwarded-For is used only when it comes from one of them.",
    ),
    corsOrigins: setting(
      "CORS_ORIGINS",
      list(isOrigin, "must be origins such as https://app.example.com, comma-separated"),
      "Web origins whose pages may call the gateway, comma-separated, or `*`. Cookies are never allowed.",
    ),
    corsHeaders: setting(
      "CORS_HEADERS",
      list((name) => /^[\w!#$%&'*+.^`|~-]+$/.test(name), "must be names of headers, comma-separated"),
      "Request headers that these pages may send besides those that the gateway and common clients use, comma-separated.",
    ),
    persistedDocuments: setting(
      "PERSISTED_DOCUMENTS",
      optional(z.string()),
      "File with a manifest of trusted documents, or a folder of such files. Read again on SIGHUP.",
    ),
    persistedOnly: setting(
      "PERSISTED_ONLY",
      flag.default(false),
      "Reject operations that are not trusted documents.",
    ),
  }),
  metricsPort: setting(
    "METRICS_PORT",
    optional(port),
    "Port of GET /metrics for Prometheus, on the same HOST. 0 uses a free port. Off by default.",
  ),
  otel: z.object({
    endpoint: setting(
      "OTEL_EXPORTER_OTLP_ENDPOINT",
      optional(z.string()),
      "URL that traces are sent to (OTLP over HTTP). Tracing is off unless this or the next variable is set.",
    ),
    tracesEndpoint: setting(
      "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT",
      optional(z.string()),
      "The same, for traces only. OpenTelemetry reads the other standard OTEL_* variables itself.",
    ),
    disabled: setting(
      "OTEL_SDK_DISABLED",
      flag.default(false),
      "Turn tracing off, whatever the other variables say.",
    ),
  }),
  watch: z.object({
    intervalMs: setting(
      "WATCH_INTERVAL_MS",
      milliseconds.default(2_000),
      "Time between two polls for the subscriptions of one credential in one workspace, which share the poll.",
    ),
    maxStreamsPerCaller: setting(
      "MAX_STREAMS_PER_CALLER",
      count.default(2_000),
      "Maximum number of open subscriptions of one credential in one workspace in this process.",
    ),
    maxStreams: setting(
      "MAX_STREAMS",
      count.default(20_000),
      "Maximum number of open subscriptions in this process.",
    ),
  }),
  streamHeartbeatMs: setting(
    "STREAM_HEARTBEAT_MS",
    integer(1, 9_500).default(8_000),
    "How long a stream may be silent before a heartbeat is sent. Proxies close silent connections.",
  ),
  sandbox: sandboxSettings,
});
