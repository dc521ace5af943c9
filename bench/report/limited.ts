import type { Results } from "../run/results.ts";

/** Below this share of its core, something else than the server limited the requests per second. */
const LOWEST_BUSY = 0.85;

/** List the servers and queries that something else than the server limited. */
export function listLimited({ servers }: Results): readonly string[] {
  return servers.flatMap(({ name, cells }) =>
    [...cells].flatMap(([query, { busy }]) => (busy.median < LOWEST_BUSY ? [`${name} ${query}`] : [])),
  );
}
