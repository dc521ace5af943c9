import type { IncomingMessage } from "node:http";
import { type AuditLog, auditOff } from "../access/audit.ts";
import { identifyByCredential } from "../access/identify-by-credential.ts";
import type { Access } from "../access/types.ts";
import { createComposeInspector } from "../compose/inspector.ts";
import type { Config } from "../config.ts";
import type { Egress } from "../egress.ts";
import type { Logger } from "../logger.ts";
import { schema } from "../schema/schema.ts";
import { createChains } from "../upstream/chain/chains.ts";
import { type ConnectionPools, createConnectionPools } from "../upstream/transport/connection-pools.ts";
import { createWatchHub } from "../watch/watch-hub.ts";
import type { TrustedDocuments } from "./documents/manifest.ts";
import { createAddressFinder } from "./http/client-address.ts";
import { listen } from "./http/listen.ts";
import { createHttpHandler } from "./http-handler.ts";
import { openStores } from "./open-stores.ts";
import { COMPILE_FROM_USE } from "./pipeline/execute-operation.ts";
import { createPipeline } from "./pipeline/pipeline.ts";
import { describeSandboxKey } from "./start-message.ts";
import type { Metrics } from "./telemetry/metrics.ts";
import { loadLater } from "./transports/load-later.ts";
import { createOpenStreams } from "./transports/open-streams.ts";
import { isCommonPost } from "./transports/post.ts";

/** What a gateway needs in addition to its settings. */
export type GatewayParts = {
  /** The REST API's base URL. */
  readonly upstreamUrl: string;
  readonly log: Logger;
  /** An API key of the sandbox, which GraphiQL and errors show. Null with any other REST API. */
  readonly exampleKey: string | null;
  /** Null without a manifest. */
  readonly documents: TrustedDocuments | null;
  /** Null when metrics are off. */
  readonly metrics: Metrics | null;
  /** Null without a proxy for outgoing connections. */
  readonly egress: Egress | null;
  /** At which use an operation is compiled. By default, at the third. */
  readonly compileFrom?: number;
  /** Null where every caller sends its own credential. */
  readonly access?: Access | null;
  /** Off by default. */
  readonly audit?: AuditLog;
  /** Which requests do not need Yoga. */
  readonly isCommon?: (request: IncomingMessage) => boolean;
};

function openPools(
  config: Config,
  { upstreamUrl, exampleKey, metrics, egress }: GatewayParts,
): ConnectionPools {
  return createConnectionPools({
    baseUrl: upstreamUrl,
    credentialAdvice: exampleKey === null ? null : describeSandboxKey(exampleKey),
    readTimeoutMs: config.upstreamReadTimeoutMs,
    writeTimeoutMs: config.upstreamWriteTimeoutMs,
    breakerOpenMs: config.upstreamBreakerOpenMs,
    // The embedded sandbox is part of this process.
    egress: config.upstreamUrl === "sandbox" ? null : egress,
    ...(metrics === null ? {} : { observer: metrics.observer }),
  });
}

/** Assemble a gateway from its settings. It listens on no port until `listen` is called. */
export function createGateway(config: Config, parts: GatewayParts) {
  const {
    log,
    exampleKey,
    documents,
    metrics,
    egress,
    access = null,
    audit = auditOff,
    isCommon = isCommonPost,
    compileFrom = COMPILE_FROM_USE,
  } = parts;
  const { requestTimeoutMs, envPolicy, front } = config;
  const pools = openPools(config, parts);
  const { idempotency, provisions, cvmLocks, rateStore, ...stores } = openStores(
    config.secrets,
    log,
    metrics,
  );
  const watches = createWatchHub(pools, log, config.watch);
  metrics?.observeSubscriptions(watches.count);
  const streams = createOpenStreams(config.streamHeartbeatMs);
  const readiness = { stopping: false, upstream: pools.breaker.report };
  const chains = createChains(config.secrets.chainRpcUrls, egress, log);
  const findAddress = createAddressFinder(front.trustedProxies, log);
  const composeInspector = createComposeInspector(
    (caller) => caller.scheme === "token" || pools.accepted.has(caller),
  );
  const shared = {
    pools,
    log,
    requestTimeoutMs,
    idempotency,
    envPolicy,
    composeInspector,
    provisions,
    chains,
    watches,
    cvmLocks,
    audit,
  };
  const identify = access?.identify ?? identifyByCredential;
  const suggestHeaders = access?.suggestHeaders ?? (() => ({ "X-API-Key": exampleKey ?? "your key" }));
  const pipeline = createPipeline({ config, schema, shared, documents, metrics, rateStore, compileFrom });
  const common = { config, schema, pipeline, streams, readiness, findAddress, identify, log };
  const handle = createHttpHandler({ ...common, exampleKey, suggestHeaders }, isCommon);
  const socketOptions = {
    schema,
    pipeline,
    identify,
    requestTimeoutMs,
    log,
    streams,
    maxSocketsPerAddress: front.maxSocketsPerAddress,
    findAddress,
    corsOrigins: front.corsOrigins,
  };
  const upgrade = loadLater(async () =>
    (await import("./transports/web-socket/upgrade.ts")).createWebSocketUpgrade(socketOptions),
  );
  return {
    /** Answers one HTTP request. */
    handle,
    watches,
    cvmLocks,
    streams,
    /** Serve HTTP and WebSocket. Port 0 selects a free port. */
    listen: (port: number, host: string) =>
      listen(handle, { port, host, readiness, upgrade, onDrain: () => streams.close() }),
    /** Close the connections to the REST API, to the chains and to Redis, and stop every poll and worker. */
    async close(): Promise<void> {
      watches.close();
      await Promise.all([
        pools.close(),
        chains.close(),
        composeInspector.close(),
        access?.close(),
        audit.close(),
      ]);
      stores.close();
    },
  };
}
