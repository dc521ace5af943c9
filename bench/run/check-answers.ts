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

/** Upstream calls and new upstream connections of one request. */
export type UpstreamUse = { readonly calls: number; readonly connections: number };

const CHECKS = 5;

/**
 * Compare the answers of a server with what the REST API says, at several ticks and for several CVMs. A server
 * that keeps an earlier answer fails.
 *
 * @returns what each query used of the REST API
 * @throws when an answer differs
 */
export async function checkAnswers(
  server: RunningServer,
  upstream: UpstreamProcess,
): Promise<ReadonlyMap<QueryName, UpstreamUse>> {
  const uses = new Map<QueryName, UpstreamUse>();
  for (const query of queriesOf(server)) {
    const before = await upstream.control({ delayMs: 0, tick: null });
    for (let tick = 1; tick <= CHECKS; tick += 1) {
      const cvmId = cvmIdOf(tick % 2);
      await upstream.control({ delayMs: 0, tick });
      const body = await server.ask(query, cvmId);
      if (!isDeepStrictEqual(readData(server, query, body), expectData(query, cvmId, tick))) {
        throw new Error(`${server.name} answered ${query} with other data: ${body.slice(0, 1_000)}`);
      }
    }
    const after = await upstream.control({ delayMs: 0, tick: null });
    uses.set(query, {
      calls: (after.calls - before.calls) / CHECKS,
      connections: (after.connections - before.connections) / CHECKS,
    });
  }
  return uses;
}
