import type { Config } from "../config.ts";
import { createIdempotency } from "../idempotency/idempotency.ts";
import { createMemoryStore } from "../idempotency/memory-store.ts";
import { createRedisStore } from "../idempotency/redis-store.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import type { Logger } from "../logger.ts";
import { connectRedis } from "../redis.ts";
import { schema } from "../schema/schema.ts";
import { createConnectionPools } from "../upstream/transport/connection-pools.ts";
import { createWatchHub } from "../watch/watch-hub.ts";
import type { PersistedDocuments } from "./documents/manifest.ts";
import { createMemoryCounter } from "./guards/rate-memory.ts";
import { createRedisCounter } from "./guards/rate-redis.ts";
import { createApp } from "./http/app.ts";
import { listen } from "./http/listen.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { createOpenStreams } from "./transports/open-streams.ts";
import { createWebSocketUpgrade } from "./transports/web-socket.ts";

/** What a gateway is made of beside its settings. */
export type GatewayParts = {
  /** The REST API's base URL. */
  readonly upstreamUrl: string;
  readonly log: Logger;
  /** The key that GraphiQL shows among the headers, or null. */
  readonly exampleKey: string | null;
  readonly documents: PersistedDocuments | null;
  readonly metrics: Metrics | null;
};

/** Assembles a gateway out of its settings. It opens no port; `close` ends what it holds. */
export function createGateway(
  config: Config,
  { upstreamUrl, log, exampleKey, documents, metrics }: GatewayParts,
) {
  const { redisUrl } = config.secrets;
  const { maxStreams } = config.watch;
  const onRedisError = (err: unknown) => log.error({ err }, "redis failed");
  const redis = redisUrl === null ? null : connectRedis(redisUrl, onRedisError);
  const store = redis === null ? createMemoryStore() : createRedisStore(redis);
  const pools = createConnectionPools({
    baseUrl: upstreamUrl,
    readTimeoutMs: config.upstreamReadTimeoutMs,
    writeTimeoutMs: config.upstreamWriteTimeoutMs,
    breakerOpenMs: config.upstreamBreakerOpenMs,
    ...(metrics === null ? {} : { observer: metrics.observer }),
  });
  const watches = createWatchHub(pools, log, config.watch);
  const streams = createOpenStreams(config.streamHeartbeatMs);
  const readiness = { draining: false, upstream: pools.breaker.report };
  const app = createApp({
    schema,
    pools,
    log,
    watches,
    streams,
    maxStreams,
    readiness,
    documents,
    metrics,
    exampleKey,
    tracing: config.tracing,
    graphiql: config.graphiql,
    front: config.front,
    envPolicy: config.envPolicy,
    requestTimeoutMs: config.requestTimeoutMs,
    idempotency: createIdempotency(store, onRedisError),
    rateStore: redis === null ? createMemoryCounter : createRedisCounter(redis),
  });
  const sockets = {
    schema,
    log,
    streams,
    maxSockets: maxStreams,
    maxMessageBytes: MAX_BODY_BYTES,
    corsOrigins: config.front.corsOrigins,
  };
  return {
    app,
    watches,
    streams,
    /** Listens with every transport. Port 0 takes a free one. */
    listen: (port: number, host: string) =>
      listen(app, {
        port,
        host,
        readiness,
        upgrade: createWebSocketUpgrade(app, sockets),
        onDrain: () => streams.close(),
      }),
    async close(): Promise<void> {
      watches.close();
      await pools.close();
      redis?.disconnect();
    },
  };
}
