import { type DocumentNode, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../context.ts";

type Operation = {
  readonly contextValue: Context;
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
};

/** Logs one line for each operation: name and kind, and the time until its result or its stream was there. */
export function useOperationLog(): Plugin<Context> {
  const start = ({ contextValue: { log }, document, operationName }: Operation) => {
    const started = performance.now();
    const operation = getOperationAST(document, operationName);
    return () =>
      log.info(
        {
          operationName: operation?.name?.value,
          operationType: operation?.operation,
          durationMs: Math.round(performance.now() - started),
        },
        "operation",
      );
  };
  return {
    onExecute: ({ args }) => ({ onExecuteDone: start(args) }),
    onSubscribe: ({ args }) => ({ onSubscribeResult: start(args) }),
  };
}
