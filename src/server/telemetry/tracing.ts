import { context, propagation, ROOT_CONTEXT, type Context as TraceContext } from "@opentelemetry/api";
import type { ExecutionArgs } from "graphql";

import type { Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";
import { failSpan, runInSpan } from "../../spans.ts";
import type { PersistedDocuments } from "../documents/manifest.ts";
import { getRequestId } from "../http/request-id.ts";
import { labelOperation } from "./operation-label.ts";

function readParent(headers: Headers): TraceContext {
  return propagation.extract(ROOT_CONTEXT, Object.fromEntries(headers));
}

/** Runs each operation within a span, whose parent the request's `traceparent` names. */
export function useTracing(documents: PersistedDocuments | null): Plugin<Context> {
  const trace = <T>(args: ExecutionArgs, request: Request, run: () => T | Promise<T>): Promise<T> => {
    const { type, operation } = labelOperation(args.schema, args.document, args.operationName, documents);
    const attributes = {
      "graphql.operation.type": type,
      "graphql.operation.name": operation,
      "cvm_gateway.request_id": getRequestId(request),
    };
    return context.with(readParent(request.headers), () =>
      runInSpan(`${type} ${operation}`, "internal", attributes, async (span) => {
        const result = await run();
        if (
          typeof result === "object" &&
          result !== null &&
          "errors" in result &&
          Array.isArray(result.errors)
        ) {
          const [error] = result.errors;
          if (error !== undefined) failSpan(span, error.originalError ?? error);
        }
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
