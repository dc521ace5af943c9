import { ConfigError, loadConfig } from "./config.ts";
import { createLogger } from "./logger.ts";
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

async function start(): Promise<void> {
  const config = loadConfig();
  const log = createLogger(config.logLevel);
  const sandbox = config.upstreamUrl === "sandbox" ? await startSandbox(config.sandbox) : null;
  const stopTracing = config.tracing ? (await import("./server/start-tracing.ts")).startTracing() : null;
  const metrics = config.metricsPort === null ? null : createMetrics();
  const origin = createUpstreamOrigin({
    baseUrl: sandbox?.url ?? config.upstreamUrl,
    readTimeoutMs: config.upstreamReadTimeoutMs,
    writeTimeoutMs: config.upstreamWriteTimeoutMs,
    breakerOpenMs: config.upstreamBreakerOpenMs,
    ...(metrics === null ? {} : { observer: metrics.observer }),
  });
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
    graphiql: config.graphiql,
    front: config.front,
    exampleKey: sandbox === null ? null : SANDBOX_KEY,
    readiness,
  });
  const server = await listen(app, { port: config.port, host: config.host, readiness });
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
    await stopTracing?.();
    await origin.close();
    await sandbox?.close();
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

try {
  await start();
} catch (error) {
  const known =
    error instanceof ConfigError ||
    error instanceof ManifestError ||
    (error instanceof Error && "syscall" in error);
  if (!known) throw error;
  process.stderr.write(`${error.message}\n`);
  // Whatever was started before the failure, such as the sandbox, would keep the process alive.
  process.exit(1);
}
