import { setTimeout as sleep } from "node:timers/promises";
import { openAuditLog } from "./access/audit.ts";
import type { Access } from "./access/types.ts";
import { type Config, listNameWarnings, loadConfig, readVariable } from "./config.ts";
import type { Egress } from "./egress.ts";
import { StartupError } from "./errors.ts";
import { createLogger, type Logger } from "./logger.ts";
import { writeOutput } from "./output.ts";
import { loadTrustedDocuments, ManifestError, type TrustedDocuments } from "./server/documents/manifest.ts";
import { createGateway } from "./server/gateway.ts";
import { type HttpServer, listen } from "./server/http/listen.ts";
import { formatStartMessage, SANDBOX_KEY } from "./server/start-message.ts";
import type { Metrics } from "./server/telemetry/metrics.ts";

/** Start the sandbox in a thread of its own when the settings ask for it. */
async function startSandbox({ upstreamUrl, sandbox, port, metricsPort }: Config) {
  if (upstreamUrl !== "sandbox") return null;
  const { startSandboxWorker, DEFAULT_PORT } = await import("../sandbox/start-worker.ts");
  // The sandbox starts first. Its default port may be the one that the gateway is told to use.
  const isFree = port !== DEFAULT_PORT && metricsPort !== DEFAULT_PORT;
  return startSandboxWorker({ ...sandbox, port: sandbox.port ?? (isFree ? null : 0) });
}

/** Prepare outgoing connections through a proxy when the settings ask for one. */
async function startEgress({ noProxy, secrets }: Config): Promise<Egress | null> {
  const { httpProxy, httpsProxy } = secrets;
  if (httpProxy === null && httpsProxy === null) return null;
  return (await import("./egress.ts")).createEgress({ httpProxy, httpsProxy, noProxy });
}

/** Export traces when the settings ask for it. @returns a function that stops the export. */
async function startTracing(
  { tracing, secrets }: Config,
  egress: Egress | null,
): Promise<() => Promise<void>> {
  return tracing
    ? (await import("./server/telemetry/start-tracing.ts")).startTracing(egress, secrets.otlpHeaders)
    : async () => undefined;
}

/** Create the metrics when the settings ask for them. */
async function startMetrics({ metricsPort }: Config): Promise<Metrics | null> {
  return metricsPort === null ? null : (await import("./server/telemetry/metrics.ts")).createMetrics();
}

async function serveMetrics(metrics: Metrics, port: number, host: string, log: Logger): Promise<HttpServer> {
  const readiness = { stopping: false };
  const { createMetricsListener } = await import("./server/telemetry/metrics.ts");
  const server = await listen(createMetricsListener(metrics), { port, host, readiness });
  log.info({ url: `${server.url}/metrics` }, "metrics");
  return server;
}

/** Read the trusted documents again (SIGHUP). On an error, the previous documents stay in use. */
async function reload(documents: TrustedDocuments | null, log: Logger): Promise<void> {
  try {
    const count = await documents?.reload();
    log.info({ count }, "trusted documents read again");
  } catch (err) {
    const reason = err instanceof ManifestError ? ` ${err.message}` : "";
    log.error({ err }, `The previous trusted documents stay in use.${reason}`);
  }
}

/** Load the access file when the settings name one. */
async function startAccess(
  { accessFile }: Config,
  log: Logger,
  egress: Egress | null,
): Promise<Access | null> {
  if (accessFile === null) return null;
  return (await import("./access/access.ts")).loadAccess(accessFile, readVariable, log, egress);
}

/** Read the access file and its keys again (SIGHUP). On an error, the previous rules and keys stay in use. */
async function reloadAccess(access: Access, log: Logger): Promise<void> {
  try {
    await access.reload();
    log.info("access file read again");
  } catch (err) {
    const reason = err instanceof StartupError ? ` ${err.message}` : "";
    log.error({ err }, `The previous access file stays in use.${reason}`);
  }
}

/** Time for the process to end when everything is free, in milliseconds. Then nothing keeps it, such as a warning that nobody reads. */
const EXIT_GRACE_MS = 2_000;

/**
 * Finish running requests, then free everything. Exit with 1 if a request was cut off, or after a failure.
 *
 * @param failed - whether the reason is an exception that nothing caught
 */
async function stop(server: HttpServer, drainTimeoutMs: number, failed: boolean): Promise<void> {
  const graceful = await server.drain(drainTimeoutMs);
  await resources.disposeAsync();
  process.exitCode = graceful && !failed ? 0 : 1;
  setTimeout(() => process.exit(), EXIT_GRACE_MS).unref();
}

async function run(): Promise<void> {
  const config = loadConfig();
  const { host, metricsPort, front } = config;
  const log = createLogger(config.logLevel);
  for (const warning of listNameWarnings()) log.warn(warning);
  const sandbox = resources.use(await startSandbox(config));
  const egress = await startEgress(config);
  resources.defer(await startTracing(config, egress));
  const metrics = await startMetrics(config);
  const documents =
    front.persistedDocuments === null ? null : await loadTrustedDocuments(front.persistedDocuments);
  const access = await startAccess(config, log, egress);
  const audit = await openAuditLog(config.auditLog ?? (access === null ? "off" : "stdout"), log);
  const upstreamUrl = sandbox?.url ?? config.upstreamUrl;
  const exampleKey = sandbox === null || access !== null ? null : SANDBOX_KEY;
  const gateway = createGateway(config, {
    upstreamUrl,
    log,
    exampleKey,
    documents,
    metrics,
    access,
    audit,
    egress,
  });
  resources.defer(() => gateway.close());
  const server = await gateway.listen(config.port, host);
  resources.defer(async () => void (await server.drain(0)));
  if (metrics !== null && metricsPort !== null) {
    const metricsServer = await serveMetrics(metrics, metricsPort, host, log);
    resources.defer(async () => void (await metricsServer.drain(0)));
  }

  let stopping = false;
  const stopOnce = (failed: boolean) => {
    if (stopping) return;
    stopping = true;
    void stop(server, config.drainTimeoutMs, failed);
  };
  let announced = false;
  const onSignal = async (signal: NodeJS.Signals) => {
    log.info({ signal }, "stopping");
    if (signal === "SIGTERM" && config.shutdownDelayMs > 0 && !announced) {
      announced = true;
      server.announceStop();
      // A second signal does not wait, and the timer does not keep the process alive after it.
      await sleep(config.shutdownDelayMs, null, { ref: false });
    }
    stopOnce(false);
  };
  // The state of the process is unknown now: end it in good order, and let the orchestrator start another one.
  const onFailure = (err: unknown) => {
    log.fatal({ err }, "unexpected failure, stopping");
    stopOnce(true);
  };
  process.on("SIGTERM", (signal) => void onSignal(signal));
  process.on("SIGINT", (signal) => void onSignal(signal));
  process.on("uncaughtException", onFailure);
  process.on("unhandledRejection", onFailure);
  process.on("SIGHUP", () => {
    void reload(documents, log);
    if (access !== null) void reloadAccess(access, log);
  });
  const controls =
    sandbox === null ? null : { origin: sandbox.origin, ownChain: config.sandbox.chainRpcUrl === undefined };
  const message = formatStartMessage(server.url, upstreamUrl, controls, access !== null);
  // An output that cannot be written, or that nobody reads, is no reason to stop or to wait.
  writeOutput(message).catch(() => undefined);
}

const resources = new AsyncDisposableStack();

/** Start the gateway. If its settings, its manifest or its port cannot be used, write why and exit with 1. */
export async function start(): Promise<void> {
  try {
    await run();
  } catch (error) {
    await resources.disposeAsync();
    const expected = error instanceof StartupError || (error instanceof Error && "syscall" in error);
    if (!expected) throw error;
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 1;
  }
}
