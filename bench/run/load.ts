import autocannon from "autocannon";
import { HEADERS, type QueryName } from "../queries/queries.ts";
import { CVM_COUNT, cvmIdOf } from "../upstream/render.ts";

/** What a round measured. Latencies are in ms. */
export type LoadResult = {
  readonly requests: number;
  readonly seconds: number;
  readonly p50: number;
  readonly p99: number;
};

type Load = {
  readonly url: string;
  readonly query: QueryName;
  readonly connections: number;
  readonly seconds: number;
  /** Answers that are shorter are not the right ones. */
  readonly minimumLength: number;
  readonly buildBody: (name: QueryName, cvmId: string) => string;
};

function percentile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}

/** A round that is longer and has no answer ends the benchmark. */
const LONGEST_SECONDS = 20;

/** Bodies up to this length are searched for errors. Larger ones are judged by their length, which costs nothing. */
const SEARCHED_LENGTH = 4_096;

function isComplete(body: string, minimumLength: number): boolean {
  if (body.length < minimumLength) return false;
  return body.length > SEARCHED_LENGTH || !body.includes('"errors":');
}

/** Requests of each connection: a share of the CVMs of its own, so that no two connections change the same CVM. */
function listRequests({ query, connections, buildBody }: Load, connection: number) {
  const share = Math.floor(CVM_COUNT / connections);
  return Array.from({ length: Math.min(share, 64) }, (_, index) => ({
    method: "POST" as const,
    body: buildBody(query, cvmIdOf(connection * share + index)),
  }));
}

/**
 * Send requests over keep-alive connections, one at a time on each, and measure. A slow server that answers nothing
 * in the given time gets twice the time.
 *
 * @throws when an answer has an error, a status other than 200, or does not arrive
 */
export async function runLoad(load: Load): Promise<LoadResult> {
  const result = await attemptLoad(load);
  if (result !== null) return result;
  if (load.seconds > LONGEST_SECONDS) throw new Error(`${load.url} answered no ${load.query}.`);
  return runLoad({ ...load, seconds: load.seconds * 2 });
}

/** @returns null when nothing was answered in time */
async function attemptLoad(load: Load): Promise<LoadResult | null> {
  const latencies: number[] = [];
  let connection = 0;
  const started = performance.now();
  let last = started;
  const { promise, resolve, reject } = Promise.withResolvers<autocannon.Result>();
  const settings: autocannon.Options = {
    url: load.url,
    connections: load.connections,
    duration: load.seconds,
    sampleInt: 50,
    headers: HEADERS,
    setupClient: (client) => {
      client.setRequests(listRequests(load, connection));
      connection += 1;
    },
    verifyBody: (body) => typeof body === "string" && isComplete(body, load.minimumLength),
  };
  const run = autocannon(settings, (error, result) => (error ? reject(error) : resolve(result)));
  run.on("response", (_client, _status, _bytes, time) => {
    latencies.push(time);
    last = performance.now();
  });
  const { errors, non2xx, mismatches, timeouts } = await promise;
  if (errors + non2xx + mismatches + timeouts > 0) {
    const counts = JSON.stringify({ errors, non2xx, mismatches, timeouts, answers: latencies.length });
    throw new Error(`${load.url} failed ${load.query}: ${counts}`);
  }
  if (latencies.length === 0) return null;
  latencies.sort((one, other) => one - other);
  return {
    requests: latencies.length,
    seconds: (last - started) / 1_000,
    p50: percentile(latencies, 0.5),
    p99: percentile(latencies, 0.99),
  };
}
