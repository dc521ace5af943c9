import { getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../context.ts";

/** Logs one line for each operation when its result is there: name, kind, time and the codes of its errors. */
export function useOperationLog(): Plugin<Context> {
  return {
    onExecute({ args }) {
      const started = performance.now();
      const { log } = args.contextValue;
      const operation = getOperationAST(args.document, args.operationName);
      return {
        onExecuteDone() {
          log.info(
            {
              operationName: operation?.name?.value,
              operationType: operation?.operation,
              durationMs: Math.round(performance.now() - started),
            },
            "operation",
          );
        },
      };
    },
  };
}
