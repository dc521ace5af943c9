import { isDeepStrictEqual } from "node:util";
import { expectData } from "../queries/expected.ts";
import type { QueryName } from "../queries/queries.ts";
import { queriesOf } from "../servers/servers.ts";
import { cvmIdOf } from "../upstream/render.ts";
import type { RunningServer } from "./server.ts";
import type { UpstreamProcess } from "./upstream.ts";

function readData(server: RunningServer, query: QueryName, body: string): unknown {
  return server.readData === undefined ? JSON.parse(body).data : server.readData(query, body);
}

/** What was found out about one query of a server. */
export type CheckedQuery = {
  /** Upstream calls of one request. */
  readonly calls: number;
  /** New upstream connections of one request. */
  readonly connections: number;
  /** Length of the shortest answer. */
  readonly length: number;
};

const CHECKS = 5;

/**
 * Compare the answers of a server with what the REST API says, at several ticks and for several CVMs. A server
 * that keeps an earlier answer fails.
 *
 * @returns what was found out about each query
 * @throws when an answer differs
 */
export async function checkAnswers(
  server: RunningServer,
  upstream: UpstreamProcess,
): Promise<ReadonlyMap<QueryName, CheckedQuery>> {
  const checked = new Map<QueryName, CheckedQuery>();
  for (const query of queriesOf(server)) {
    const lengths: number[] = [];
    const before = await upstream.control({ delayMs: 0, tick: null });
    for (let tick = 1; tick <= CHECKS; tick += 1) {
      const cvmId = cvmIdOf(tick % 2);
      await upstream.control({ delayMs: 0, tick });
      const body = await server.ask(query, cvmId);
      lengths.push(body.length);
      if (!isDeepStrictEqual(readData(server, query, body), expectData(query, cvmId, tick))) {
        throw new Error(`${server.name} answered ${query} with other data: ${body.slice(0, 1_000)}`);
      }
    }
    const after = await upstream.control({ delayMs: 0, tick: null });
    checked.set(query, {
      length: Math.min(...lengths),
      calls: (after.calls - before.calls) / CHECKS,
      connections: (after.connections - before.connections) / CHECKS,
    });
  }
  return checked;
}
