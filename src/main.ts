import { ConfigError, loadConfig } from "./config.ts";
import { createIdempotency } from "./idempotency/idempotency.ts";
import { createMemoryStore } from "./idempotency/memory-store.ts";
import { createRedisStore } from "./idempotency/redis-store.ts";
import { createLogger } from "./logger.ts";
import { ChainError } from "./sandbox/chain/chain.ts";
import { startSandbox } from "./sandbox/server.ts";
import { schema } from "./schema/schema.ts";
import { createApp } from "./server/app.ts";
import { listen } from "./server/http-server.ts";
import { createMetrics, createMetricsListener } from "./server/metrics.ts";
import { loadPersistedDocuments, ManifestError } from "./server/persisted-documents.ts";
import { createUpstreamOrigin } from "./upstream/origin.ts";

const SANDBOX_KEY = "sandbox-demo";

function describeStart(url: string, upstream: string, onSandbox: boolean): string {
  const key = onSandbox ? SANDBOX_KEY : "$PHALA_CLOUD_API_KEY";
  const where = onSandbox
    ? `the embedded sandbox at ${upstream}\n  API key     ${SANDBOX_KEY} (any key that begins with sandbox- has a workspace of its own)`
    : upstream;
  return `
cvm-gateway is listening
  GraphQL     ${url}/graphql
  Upstream    ${where}

Try:
  curl -s ${url}/graphql -H 'content-type: application/json' -H 'x-api-key: ${key}' \\
    -d '{"query":"{ cvms(first: 5) { totalCount nodes { id name status } } }"}'

`;
}

async function start(resources: AsyncDisposableStack): Promise<void> {
  const config = loadConfig();
  const log = createLogger(config.logLevel);
  const sandbox = config.upstreamUrl === "sandbox" ? resources.use(await startSandbox(config.sandbox)) : null;
  if (config.tracing) resources.defer((await import("./server/start-tracing.ts")).startTracing());
  const metrics = config.metricsPort === null ? null : createMetrics();
  const origin = createUpstreamOrigin({
    baseUrl: sandbox?.url ?? config.upstreamUrl,
    readTimeoutMs: config.upstreamReadTimeoutMs,
    writeTimeoutMs: config.upstreamWriteTimeoutMs,
    breakerOpenMs: config.upstreamBreakerOpenMs,
    ...(metrics === null ? {} : { observer: metrics.observer }),
  });
  resources.defer(() => origin.close());
  const onStoreError = (err: unknown) => log.error({ err }, "idempotency store failed");
  const { redisUrl } = config.secrets;
  const store = redisUrl === null ? createMemoryStore() : createRedisStore(redisUrl, onStoreError);
  resources.defer(() => store.close());
  const readiness = { draining: false, upstream: origin.breaker.report };
  const { persistedDocuments } = config.front;
  const documents = persistedDocuments === null ? null : await loadPersistedDocuments(persistedDocuments);
  const app = createApp({
    documents,
    metrics,
    tracing: config.tracing,
    schema,
    origin,
    log,
    requestTimeoutMs: config.requestTimeoutMs,
    idempotency: createIdempotency(store, onStoreError),
    envPolicy: config.envPolicy,
    graphiql: config.graphiql,
    front: config.front,
    exampleKey: sandbox === null ? null : SANDBOX_KEY,
    readiness,
  });
  const server = await listen(app, { port: config.port, host: config.host, readiness });
  resources.defer(async () => void (await server.drain(0)));
  const metricsServer =
    metrics === null || config.metricsPort === null
      ? null
      : await listen(createMetricsListener(metrics), {
          port: config.metricsPort,
          host: config.host,
          readiness: { draining: false },
        });
  if (metricsServer !== null) log.info({ url: `${metricsServer.url}/metrics` }, "metrics");

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (readiness.draining) return;
    log.info({ signal }, "stopping");
    const graceful = await server.drain(config.drainTimeoutMs);
    await metricsServer?.drain(0);
    await resources.disposeAsync();
    process.exitCode = graceful ? 0 : 1;
  };
  process.on("SIGHUP", async () => {
    try {
      const count = await documents?.reload();
      log.info({ count }, "trusted documents read again");
    } catch (err) {
      const reason = err instanceof ManifestError ? ` ${err.message}` : "";
      log.error({ err }, `Trusted documents are kept as they were.${reason}`);
    }
  });
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  process.stdout.write(describeStart(server.url, origin.baseUrl, sandbox !== null));
}

const resources = new AsyncDisposableStack();
try {
  await start(resources);
} catch (error) {
  await resources.disposeAsync();
  const expected =
    error instanceof ConfigError ||
    error instanceof ChainError ||
    error instanceof ManifestError ||
    (error instanceof Error && "syscall" in error);
  if (!expected) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
