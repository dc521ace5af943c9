import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { startSandbox } from "../../sandbox/server.ts";
import { startProcess } from "../support/process.ts";
import { createRandom } from "../support/random.ts";
import { startFaultyProxy } from "../support/upstream/random-faults.ts";
import { createClients } from "./clients.ts";
import { drainJournal } from "./journal-drain.ts";
import { type CvmAftermath, prove } from "./proof.ts";
import type { LoadedCvm } from "./types.ts";

/** How large a load is. */
export type LoadSettings = {
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  /** Number of gateway processes. The clients are spread over them. */
  readonly gateways: number;
  /** Redis server with which they share idempotency keys. */
  readonly redisUrl?: string;
  /** Time until every gateway receives SIGTERM, in seconds. */
  readonly sigtermAfterSeconds?: number;
};

/** An update and its lock last 11 s on the sandbox's clock: 55 ms. */
const TIME_SCALE = 200;
const CVMS_PER_KEY = 12;
/** Time before the signal, in milliseconds. The gateway has certainly accepted requests that began earlier. */
const SURELY_ACCEPTED_MS = 200;
/** How long clients continue after the signal, in milliseconds: longer than the port stays open. */
const CLOSING_MS = 600;
const LISTENING = /GraphQL +(http:\/\/[\d.]+:\d+)\/graphql/;

async function get(url: string, key: string): Promise<unknown> {
  const response = await fetch(url, { headers: { "x-api-key": key } });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response.json();
}

async function listCvms(url: string, connections: number): Promise<[LoadedCvm, ...LoadedCvm[]]> {
  const schema = z.object({ id: z.string(), name: z.string() });
  const cvms: LoadedCvm[] = [];
  for (let index = 0; index <= connections / 16; index += 1) {
    const key = `sandbox-load-${index}`;
    for (let number = 1; number <= CVMS_PER_KEY; number += 1) {
      const found = await get(`${url}/cvms/fleet-${String(number).padStart(2, "0")}`, key);
      cvms.push({ key, ...schema.parse(found) });
    }
  }
  const [first, ...rest] = cvms;
  if (first === undefined) throw new Error("There is no CVM.");
  return [first, ...rest];
}

async function fetchAftermath(url: string, cvm: LoadedCvm): Promise<CvmAftermath> {
  const config = z.object({ hostname: z.string().nullish() });
  const operations = z.object({
    items: z.array(z.object({ correlation_id: z.string() })),
    total: z.number(),
  });
  const { hostname } = config.parse(await get(`${url}/cvms/${cvm.id}/user_config`, cvm.key));
  const path = `${url}/cvms/${cvm.id}/operations?limit=500&operation_types=config_update`;
  const { items } = operations.parse(await get(path, cvm.key));
  return { cvm, hostname: hostname ?? null, updates: items.map((item) => item.correlation_id) };
}

/** Run clients against gateway processes in front of a sandbox with faults, then compare the records. */
export async function runLoad(settings: LoadSettings) {
  await using stack = new AsyncDisposableStack();
  const random = createRandom(settings.seed);
  const sandbox = stack.use(await startSandbox({ timeScale: TIME_SCALE }));
  const cvms = await listCvms(sandbox.url, settings.connections);
  const proxy = stack.use(await startFaultyProxy(sandbox.url, random));
  const gateways = Array.from({ length: settings.gateways }, () =>
    stack.use(
      startProcess("src/main.ts", {
        PORT: "0",
        LOG_LEVEL: "error",
        UPSTREAM_URL: proxy.url,
        UPSTREAM_BREAKER_OPEN_MS: "200",
        WATCH_INTERVAL_MS: "500",
        ...(settings.redisUrl === undefined ? {} : { REDIS_URL: settings.redisUrl }),
      }),
    ),
  );
  const [first = "", ...others] = await Promise.all(
    gateways.map(async (gateway) => (await gateway.waitFor(LISTENING))[1] ?? ""),
  );
  const clients = createClients([first, ...others], cvms, random);
  stack.defer(async () => void (await clients.close()));
  await fetch(`${sandbox.origin}/__sandbox/journal`, { method: "DELETE" });
  const drain = drainJournal(sandbox.origin, proxy);

  proxy.start();
  const startedAt = performance.now();
  const endsAt = startedAt + settings.seconds * 1_000;
  let stopping = false;
  const isRunning = () => !stopping && performance.now() < endsAt;
  const running = Array.from({ length: settings.connections }, (_, client) => clients.run(client, isRunning));
  let portClosesAt = Number.POSITIVE_INFINITY;
  if (settings.sigtermAfterSeconds !== undefined) {
    await sleep(settings.sigtermAfterSeconds * 1_000);
    portClosesAt = performance.now() - SURELY_ACCEPTED_MS;
    for (const { child } of gateways) child.kill("SIGTERM");
    // Real clients continue for a moment, so that some requests reach a gateway that is ending.
    await sleep(CLOSING_MS);
    stopping = true;
  }
  await Promise.all(running);
  const seconds = (performance.now() - startedAt) / 1_000;
  proxy.stop();
  // A second signal could reach a process that has removed its handlers already.
  const signalled = settings.sigtermAfterSeconds !== undefined;
  const exitCodes = await Promise.all(
    gateways.map((gateway) => (signalled ? gateway.exit() : gateway.stop("SIGTERM"))),
  );
  const { writes: journal, complete } = await drain.end();
  // Wait until the last updates end.
  await sleep(200);
  const aftermath: CvmAftermath[] = [];
  for (const cvm of cvms) aftermath.push(await fetchAftermath(sandbox.url, cvm));
  const { received } = clients;
  const problems = prove({ received, journal, arrived: proxy.writes, aftermath, portClosesAt });
  if (!complete) problems.push("The journal was full: entries may be missing.");
  const outcomes: Record<string, number> = {};
  for (const answer of received.writes.flatMap(({ answers }) => answers)) {
    const name = answer.kind === "accepted" ? answer.status : answer.kind;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return {
    problems,
    exitCodes,
    logs: gateways.map((gateway) => gateway.output()).join(""),
    seconds,
    changes: received.writes.length,
    outcomes,
    applied: journal.filter(({ status }) => status !== null && status < 300).length,
    received: received.counts,
    faults: proxy.faults,
  };
}
