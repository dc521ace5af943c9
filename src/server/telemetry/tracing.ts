import { context, propagation, ROOT_CONTEXT } from "@opentelemetry/api";
import type { ExecutionResult } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";
import { failSpan, runInSpan } from "../../spans.ts";
import type { OperationLabel } from "./operation-label.ts";

function findFirstError(result: ExecutionResult | AsyncIterable<ExecutionResult>): unknown {
  if (!("errors" in result)) return null;
  const error = result.errors?.[0];
  return error === undefined ? null : (error.originalError ?? error);
}

/** Run an operation in a span whose parent is the `traceparent` of its request. */
export function traceOperation<T extends ExecutionResult | AsyncIterable<ExecutionResult>>(
  { type, operation }: OperationLabel,
  { id, trace }: RequestFacts,
  run: () => T | Promise<T>,
): Promise<T> {
  const attributes = {
    "graphql.operation.type": type,
    "graphql.operation.name": operation,
    "cvm_gateway.request_id": id,
  };
  return context.with(propagation.extract(ROOT_CONTEXT, trace), () =>
    runInSpan(`${type} ${operation}`, "internal", attributes, async (span) => {
      const result = await run();
      const error = findFirstError(result);
      if (error !== null) failSpan(span, error);
      return result;
    }),
  );
}
