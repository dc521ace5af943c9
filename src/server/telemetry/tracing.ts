import { context, propagation, ROOT_CONTEXT, type Context as TraceContext } from "@opentelemetry/api";
import type { ExecutionArgs, ExecutionResult } from "graphql";
import { isAsyncIterable, type Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import { failSpan, runInSpan } from "../../spans.ts";
import type { TrustedDocuments } from "../documents/manifest.ts";
import { getRequestId } from "../http/request-id.ts";
import { labelOperation } from "./operation-label.ts";

function parseParent(headers: Headers): TraceContext {
  return propagation.extract(ROOT_CONTEXT, Object.fromEntries(headers));
}

function findFirstError(result: unknown): unknown {
  if (typeof result !== "object" || result === null || isAsyncIterable(result)) return null;
  const { errors: [error] = [] }: ExecutionResult = result;
  return error === undefined ? null : (error.originalError ?? error);
}

/** Run each operation in a span whose parent is the `traceparent` of the request. */
export function useTracing(documents: TrustedDocuments | null): Plugin<Context> {
  const trace = <T>(args: ExecutionArgs, request: Request, run: () => T | Promise<T>): Promise<T> => {
    const { type, operation } = labelOperation(args.schema, args.document, args.operationName, documents);
    const attributes = {
      "graphql.operation.type": type,
      "graphql.operation.name": operation,
      "cvm_gateway.request_id": getRequestId(request),
    };
    return context.with(parseParent(request.headers), () =>
      runInSpan(`${type} ${operation}`, "internal", attributes, async (span) => {
        const result = await run();
        const error = findFirstError(result);
        if (error !== null) failSpan(span, error);
        return result;
      }),
    );
  };
  return {
    onExecute({ args, executeFn, setExecuteFn }) {
      const { request } = args.contextValue;
      setExecuteFn((given) => trace(given, request, () => executeFn(given)));
    },
    onSubscribe({ args, subscribeFn, setSubscribeFn }) {
      const { request } = args.contextValue;
      setSubscribeFn((given) => trace(given, request, () => subscribeFn(given)));
    },
  };
}
