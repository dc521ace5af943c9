import { ConfigError, loadConfig } from "./config.ts";
import { createLogger } from "./logger.ts";
import { startSandbox } from "./sandbox/server.ts";
import { schema } from "./schema/schema.ts";
import { createApp, MAX_BODY_BYTES } from "./server/app.ts";
import { listen } from "./server/http-server.ts";
import { createOpenStreams } from "./server/open-streams.ts";
import { createWebSocketUpgrade } from "./server/web-socket.ts";
import { createUpstreamOrigin } from "./upstream/origin.ts";
import { createWatchHub } from "./upstream/watch-hub.ts";

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
  const origin = createUpstreamOrigin({
    baseUrl: sandbox?.url ?? config.upstreamUrl,
    readTimeoutMs: config.upstreamReadTimeoutMs,
    writeTimeoutMs: config.upstreamWriteTimeoutMs,
  });
  const watches = createWatchHub(origin, log, config.watch);
  const streams = createOpenStreams(config.streamHeartbeatMs);
  const { maxStreams } = config.watch;
  const readiness = { draining: false };
  const app = createApp({
    schema,
    origin,
    log,
    requestTimeoutMs: config.requestTimeoutMs,
    watches,
    graphiql: config.graphiql,
    exampleKey: sandbox === null ? null : SANDBOX_KEY,
    readiness,
    streams,
    maxStreams,
  });
  const server = await listen(app, {
    port: config.port,
    host: config.host,
    readiness,
    upgrade: createWebSocketUpgrade(app, {
      schema,
      log,
      streams,
      maxSockets: maxStreams,
      maxMessageBytes: MAX_BODY_BYTES,
    }),
    onDrain: () => streams.close(),
  });
  process.stdout.write(describeStart(server.url, origin.baseUrl, sandbox !== null));

  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (readiness.draining) return;
    log.info({ signal }, "stopping");
    const graceful = await server.drain(config.drainTimeoutMs);
    watches.close();
    await origin.close();
    await sandbox?.close();
    process.exitCode = graceful ? 0 : 1;
  };
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
}

try {
  await start();
} catch (error) {
  const known = error instanceof ConfigError || (error instanceof Error && "syscall" in error);
  if (!known) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
