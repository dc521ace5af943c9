import type { ExecutionResult } from "graphql";
import type { Context } from "../../context.ts";

/** The request header that asks for `extensions.upstream`. */
export const STATS_HEADER = "x-upstream-stats";

/** Report the upstream calls of an operation in `extensions.upstream`. */
export function withUpstreamStats(result: ExecutionResult, { upstream }: Context): ExecutionResult {
  const { calls, deduplicated, retries, ms } = upstream.stats;
  return {
    ...result,
    extensions: { ...result.extensions, upstream: { calls, deduplicated, retries, ms: Math.round(ms) } },
  };
}
