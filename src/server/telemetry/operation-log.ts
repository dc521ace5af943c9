import type { DocumentNode, ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import { MAX_LOGGED_NAME_CHARACTERS } from "../../limits.ts";
import type { Logger } from "../../logger.ts";
import { findOperation } from "../documents/find-operation.ts";
import { codeOf } from "../errors/error-code.ts";
import { getRequestId } from "../http/request-id.ts";

type Operation = {
  readonly contextValue: Context & { readonly request?: Request };
  readonly document: DocumentNode;
  readonly operationName?: string | null | undefined;
};

/** The distinct error codes of a result. */
function listCodes(result: unknown): { codes?: string[] } {
  const isResult = typeof result === "object" && result !== null && !isAsyncIterable(result);
  const { errors = [] }: ExecutionResult = isResult ? result : {};
  return errors.length === 0 ? {} : { codes: [...new Set(errors.map(codeOf))] };
}

/**
 * Log one line for each operation: its name, its kind, the time until its result or stream was available, and
 * its error codes. For a request that is rejected before it runs, log the codes alone.
 */
export function useOperationLog(log: Logger): Plugin<Context> {
  const logged = new WeakSet<Request>();
  const start = ({ contextValue, document, operationName }: Operation) => {
    const started = performance.now();
    const operation = findOperation(document, operationName);
    if (contextValue.request) logged.add(contextValue.request);
    return ({ result }: { result: unknown }) =>
      contextValue.log.info(
        {
          operationName: operation?.name?.value.slice(0, MAX_LOGGED_NAME_CHARACTERS),
          operationType: operation?.operation,
          durationMs: Math.round(performance.now() - started),
          ...listCodes(result),
        },
        "operation",
      );
  };
  const logRejected = (request: Request, result: unknown) => {
    if (logged.has(request)) return;
    logged.add(request);
    log.info({ requestId: getRequestId(request), ...listCodes(result) }, "refused");
  };
  return {
    onExecute: ({ args }) => ({ onExecuteDone: start(args) }),
    onSubscribe: ({ args }) => ({ onSubscribeResult: start(args) }),
    onExecutionResult: ({ request, result }) => logRejected(request, result),
    onResultProcess: ({ request, result }) => logRejected(request, result),
  };
}
