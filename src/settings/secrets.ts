import { z } from "zod";
import { redisUrl } from "./redis-url.ts";
import { chainUrls, optional, proxyUrl } from "./rules.ts";
import { secret } from "./variables.ts";

/** The settings whose values may contain a password or a key. Each can be in a file. */
export const secretSettings = z.object({
  redis: secret(
    "REDIS_URL",
    optional(redisUrl),
    "Redis in which several gateways share idempotency keys, locks, provisions and rate limits: redis://user:password@host:6379, rediss:// with TLS, redis+sentinel://host,host/master or redis+cluster://host,host. Without it, each process has its own. See docs/redis.md.",
  ),
  redisSentinelPassword: secret(
    "REDIS_SENTINEL_PASSWORD",
    optional(z.string()),
    "Password of the sentinels in REDIS_URL. The password in REDIS_URL is that of Redis itself.",
  ),
  chainRpcUrls: secret(
    "CHAIN_RPC_URLS",
    chainUrls.default([]),
    "JSON-RPC URLs of EVM nodes that you trust, as chainId=url, comma-separated, for example 8453=https://node.example/key. The gateway then reads app contracts and receipts of these chains itself.",
  ),
  httpsProxy: secret(
    "HTTPS_PROXY",
    optional(proxyUrl),
    "Proxy for calls to https:// URLs (REST API, issuers, chains, traces), such as http://user:password@host:port. `https_proxy` means the same and has precedence.",
    "https_proxy",
  ),
  httpProxy: secret(
    "HTTP_PROXY",
    optional(proxyUrl),
    "Proxy for calls to http:// URLs, and to https:// URLs without HTTPS_PROXY. `http_proxy` means the same and has precedence.",
    "http_proxy",
  ),
  otlpHeaders: secret(
    "OTEL_EXPORTER_OTLP_HEADERS",
    optional(z.string()),
    "Headers of the requests that carry traces, such as a key of the collector, as name=value, comma-separated.",
  ),
});
