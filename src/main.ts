import { loadConfig } from "./config.ts";
import { StartupError } from "./errors.ts";
import { createLogger } from "./logger.ts";
import { loadTrustedDocuments, ManifestError } from "./server/documents/manifest.ts";
import { createGateway } from "./server/gateway.ts";
import { listen } from "./server/http/listen.ts";
import { createMetrics, createMetricsListener } from "./server/telemetry/metrics.ts";

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
  const sandbox =
    config.upstreamUrl === "sandbox"
      ? resources.use(await (await import("../sandbox/server.ts")).startSandbox(config.sandbox))
      : null;
  if (config.tracing) resources.defer((await import("./server/telemetry/start-tracing.ts")).startTracing());
  const metrics = config.metricsPort === null ? null : createMetrics();
  const { persistedDocuments } = config.front;
  const documents = persistedDocuments === null ? null : await loadTrustedDocuments(persistedDocuments);
  const upstreamUrl = sandbox?.url ?? config.upstreamUrl;
  const exampleKey = sandbox === null ? null : SANDBOX_KEY;
  const gateway = createGateway(config, { upstreamUrl, log, exampleKey, documents, metrics });
  resources.defer(() => gateway.close());
  const server = await gateway.listen(config.port, config.host);
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

  let stopping = false;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (stopping) return;
    stopping = true;
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
  process.stdout.write(describeStart(server.url, upstreamUrl, sandbox !== null));
}

const resources = new AsyncDisposableStack();
try {
  await start(resources);
} catch (error) {
  await resources.disposeAsync();
  const expected = error instanceof StartupError || (error instanceof Error && "syscall" in error);
  if (!expected) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
