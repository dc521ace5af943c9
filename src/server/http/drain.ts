import type { Server } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import type { TrackedRequests } from "./track-requests.ts";

/**
 * Time in milliseconds during which a draining server still accepts requests. Closing the server closes every
 * connection that Node considers idle. A connection looks idle while its next request has arrived but is not
 * read yet, which under load lasts as long as the event loop lags. Responses sent in this time already ask the
 * client to disconnect.
 */
const LAST_REQUESTS_MS = 300;

/** Time in milliseconds for a client to finish sending its request after the server is closed. */
const UNFINISHED_GRACE_MS = 1_000;

/** Interval in milliseconds between two looks for idle connections. */
const IDLE_CHECK_MS = 100;

/**
 * Close a server after its running requests. Connections that are still open after `timeoutMs` are closed.
 *
 * @returns whether every request ended in time.
 */
export async function drainServer(
  server: Server,
  requests: TrackedRequests,
  timeoutMs: number,
): Promise<boolean> {
  let graceful = true;
  const timer = setTimeout(() => {
    graceful = false;
    server.closeAllConnections();
  }, timeoutMs);
  if (timeoutMs > 0) await sleep(Math.min(timeoutMs, LAST_REQUESTS_MS));
  const graceEnds = performance.now() + UNFINISHED_GRACE_MS;
  const idle = setInterval(() => {
    server.closeIdleConnections();
    // A closed server no longer times out incomplete requests. None of these has started to run.
    if (performance.now() >= graceEnds) requests.cutUnfinished();
  }, IDLE_CHECK_MS);
  await new Promise((resolve) => server.close(resolve));
  clearTimeout(timer);
  clearInterval(idle);
  return graceful;
}
