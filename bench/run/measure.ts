import { setTimeout as sleep } from "node:timers/promises";
import { buildBody, type QueryName } from "../queries/queries.ts";
import { BASELINE, queriesOf } from "../servers/servers.ts";
import type { CheckedQuery } from "./check-answers.ts";
import { runLoad } from "./load.ts";
import type { Options } from "./options.ts";
import type { RunningServer } from "./server.ts";
import { type Spread, spreadOf } from "./statistics.ts";
import type { UpstreamProcess } from "./upstream.ts";

/** Connections of the load generator, and of the rounds with a slow REST API. */
export const CONNECTIONS = 16;
export const DELAYED_CONNECTIONS = 1;

/** Delay of the slow REST API in ms. */
export const DELAY_MS = 5;

/** A running server whose answers were checked. */
export type CheckedServer = RunningServer & { readonly checked: ReadonlyMap<QueryName, CheckedQuery> };

/** What one round measured. */
type Round = {
  readonly perSecond: number;
  readonly cpuMicros: number;
  /** Share of the processor that the server used, 0 to 1. */
  readonly busy: number;
  readonly p50: number;
  readonly p99: number;
};

/** Results of one server with one query. Times are in ms unless the name says otherwise. */
export type Cell = {
  readonly perSecond: Spread;
  /** Requests per second as a share of the raw proxy's in the same round. NaN without the raw proxy. */
  readonly share: Spread;
  readonly cpuMicros: Spread;
  /** Processor time per request of the raw proxy in the same round, as a share of this server's. */
  readonly cpuShare: Spread;
  readonly busy: Spread;
  readonly p50: Spread;
  readonly p99: Spread;
  /** Latency of a single connection while the REST API takes {@link DELAY_MS}. */
  readonly delayedP50: number;
  readonly delayedP99: number;
};

/** Results by server and query. */
export type Cells = ReadonlyMap<string, ReadonlyMap<QueryName, Cell>>;

/** Answers can be this much shorter than the checked ones, because values change. */
const LENGTH_TOLERANCE = 0.9;

const loadOf = (server: CheckedServer, query: QueryName, connections: number, seconds: number) =>
  runLoad({
    url: server.url,
    query,
    connections,
    seconds,
    minimumLength: (server.checked.get(query)?.length ?? 0) * LENGTH_TOLERANCE,
    buildBody: server.buildBody ?? buildBody,
  });

async function runRound(server: CheckedServer, query: QueryName, seconds: number): Promise<Round> {
  const cpuBefore = server.cpuMs();
  const before = performance.now();
  const load = await loadOf(server, query, CONNECTIONS, seconds);
  const elapsed = performance.now() - before;
  const cpu = server.cpuMs() - cpuBefore;
  // Requests that the end of the round cut off finish now, before the next server is measured.
  await sleep(100);
  return {
    perSecond: load.requests / load.seconds,
    cpuMicros: (cpu * 1_000) / load.requests,
    busy: cpu / elapsed,
    p50: load.p50,
    p99: load.p99,
  };
}

type Key = { readonly server: CheckedServer; readonly query: QueryName };

/** Servers in an order that differs in each round, so that no server always follows the same one. */
function rotate<Item>(items: readonly Item[], by: number): readonly Item[] {
  const first = by % items.length;
  return [...items.slice(first), ...items.slice(0, first)];
}

function listKeys(servers: readonly CheckedServer[], query: QueryName, round: number): readonly Key[] {
  const measured = servers.filter((server) => queriesOf(server).includes(query));
  return rotate(measured, round).map((server) => ({ server, query }));
}

/** Measure all servers in interleaved rounds, after a warm-up. */
export async function measure(
  servers: readonly CheckedServer[],
  upstream: UpstreamProcess,
  options: Options,
  report: (progress: string) => void,
): Promise<Cells> {
  const rounds = new Map<string, Round[]>();
  const delayed = new Map<string, { p50: number; p99: number }>();
  const nameOf = ({ server, query }: Key) => `${server.name} ${query}`;
  for (const query of options.queries) {
    for (const key of listKeys(servers, query, 0)) {
      report(`warm-up ${nameOf(key)}`);
      await runRound(key.server, query, options.warmupSeconds);
    }
  }
  for (let round = 0; round < options.rounds; round += 1) {
    for (const query of options.queries) {
      for (const key of listKeys(servers, query, round)) {
        report(`round ${round + 1} of ${options.rounds}: ${nameOf(key)}`);
        const results = rounds.get(nameOf(key)) ?? [];
        rounds.set(nameOf(key), [...results, await runRound(key.server, query, options.seconds)]);
      }
    }
  }
  await upstream.control({ delayMs: DELAY_MS, tick: null });
  for (const query of options.queries) {
    for (const key of listKeys(servers, query, 0)) {
      report(`slow REST API: ${nameOf(key)}`);
      delayed.set(nameOf(key), await loadOf(key.server, query, DELAYED_CONNECTIONS, options.delayedSeconds));
    }
  }
  await upstream.control({ delayMs: 0, tick: null });

  const toCell = (server: CheckedServer, query: QueryName): Cell => {
    const own = rounds.get(nameOf({ server, query })) ?? [];
    const baseline = rounds.get(`${BASELINE} ${query}`) ?? [];
    const spread = (pick: (round: Round) => number) => spreadOf(own.map(pick));
    const slow = delayed.get(nameOf({ server, query }));
    return {
      perSecond: spread(({ perSecond }) => perSecond),
      share: spreadOf(
        own.map(({ perSecond }, round) => perSecond / (baseline[round]?.perSecond ?? Number.NaN)),
      ),
      cpuShare: spreadOf(
        own.map(({ cpuMicros }, round) => (baseline[round]?.cpuMicros ?? Number.NaN) / cpuMicros),
      ),
      cpuMicros: spread(({ cpuMicros }) => cpuMicros),
      busy: spread(({ busy }) => busy),
      p50: spread(({ p50 }) => p50),
      p99: spread(({ p99 }) => p99),
      delayedP50: slow?.p50 ?? Number.NaN,
      delayedP99: slow?.p99 ?? Number.NaN,
    };
  };
  return new Map(
    servers.map((server) => {
      const queries = options.queries.filter((query) => queriesOf(server).includes(query));
      return [server.name, new Map(queries.map((query) => [query, toCell(server, query)]))];
    }),
  );
}
