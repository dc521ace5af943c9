import type { Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";

/** The request header that asks for `extensions.upstream`. */
export const STATS_HEADER = "x-upstream-stats";

/** Report the upstream calls of an operation in `extensions.upstream` when the request asks for it. */
export function useUpstreamStats(): Plugin<Context> {
  return {
    onExecute({ args }) {
      if (args.contextValue.request?.headers.get(STATS_HEADER) !== "true") return;
      return {
        onExecuteDone({ result, setResult }) {
          if (!("data" in result) && !("errors" in result)) return;
          const { calls, deduplicated, retries, ms } = args.contextValue.upstream.stats;
          const upstream = { calls, deduplicated, retries, ms: Math.round(ms) };
          setResult({ ...result, extensions: { ...result.extensions, upstream } });
        },
      };
    },
  };
}
