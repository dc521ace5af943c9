import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { startSandbox } from "../../sandbox/server.ts";
import { startProcess } from "../support/process.ts";
import { createRandom } from "../support/random.ts";
import { startFaultyProxy } from "../support/upstream/random-faults.ts";
import { createClients, type LoadedCvm } from "./clients.ts";
import { drainJournal } from "./journal-drain.ts";
import { type CvmAftermath, prove } from "./proof.ts";

/** How large a load is. */
export type LoadSettings = {
  readonly connections: number;
  readonly seconds: number;
  readonly seed: number;
  /** Gateway processes; clients spread over all. */
  readonly gateways: number;
  /** Where they share idempotency keys. */
  readonly redisUrl?: string;
  /** Sends SIGTERM to every gateway after so many seconds. */
  readonly sigtermAfterSeconds?: number;
};

/** An update takes 11 s of the sandbox's clock with its lock: 55 ms. */
const TIME_SCALE = 200;
const CVMS_PER_KEY = 12;
/** A request that began so long before a signal was surely taken by the gateway, in milliseconds. */
const SURELY_TAKEN_MS = 200;
/** How long clients go on after the signal, in milliseconds: longer than the door stays open. */
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

async function lookAfterwards(url: string, cvm: LoadedCvm): Promise<CvmAftermath> {
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

/** Loads gateways, each a process of its own, before a sandbox with faults, and compares afterwards. */
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
  const goesOn = () => !stopping && performance.now() < endsAt;
  const running = Array.from({ length: settings.connections }, (_, client) => clients.run(client, goesOn));
  let doorClosesAt = Number.POSITIVE_INFINITY;
  if (settings.sigtermAfterSeconds !== undefined) {
    await sleep(settings.sigtermAfterSeconds * 1_000);
    doorClosesAt = performance.now() - SURELY_TAKEN_MS;
    for (const { child } of gateways) child.kill("SIGTERM");
    // Clients go on for a moment, as they do in life: their requests meet a gateway that is ending.
    await sleep(CLOSING_MS);
    stopping = true;
  }
  await Promise.all(running);
  const seconds = (performance.now() - startedAt) / 1_000;
  proxy.stop();
  // A second signal could meet a process that has taken its handlers down already.
  const told = settings.sigtermAfterSeconds !== undefined;
  const exitCodes = await Promise.all(
    gateways.map((gateway) => (told ? gateway.exit() : gateway.stop("SIGTERM"))),
  );
  const { writes: journal, complete } = await drain.end();
  // The last updates end.
  await sleep(200);
  const aftermath: CvmAftermath[] = [];
  for (const cvm of cvms) aftermath.push(await lookAfterwards(sandbox.url, cvm));
  const { heard } = clients;
  const problems = prove({ heard, journal, arrived: proxy.writes, aftermath, doorClosesAt });
  if (!complete) problems.push("The journal was full: entries may be missing.");
  const outcomes: Record<string, number> = {};
  for (const answer of heard.writes.flatMap(({ answers }) => answers)) {
    const name = answer.kind === "accepted" ? answer.status : answer.kind;
    outcomes[name] = (outcomes[name] ?? 0) + 1;
  }
  return {
    problems,
    exitCodes,
    logs: gateways.map((gateway) => gateway.output()).join(""),
    seconds,
    changes: heard.writes.length,
    outcomes,
    applied: journal.filter(({ status }) => status !== null && status < 300).length,
    heard: heard.counts,
    faults: proxy.faults,
  };
}
