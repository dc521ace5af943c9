import { type ExecutionResult, GraphQLError } from "graphql";
import { type GraphQLParams, isAsyncIterable, mapAsyncIterator } from "graphql-yoga";
import { errorCatalog } from "../../error-catalog.ts";
import type { Logger } from "../../logger.ts";
import { maskResult } from "../errors/mask-results.ts";
import { getRequestId } from "../http/request-id.ts";
import type { App } from "../types.ts";

/** Run one operation of a transport other than plain HTTP. */
export type OperationRunner = (
  params: GraphQLParams,
  request: Request,
) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

function toResult(error: unknown): ExecutionResult {
  if (error instanceof GraphQLError) return { errors: [error] };
  const originalError = error instanceof Error ? error : new TypeError("The thrown value is not an Error.");
  return { errors: [new GraphQLError(errorCatalog.INTERNAL_SERVER_ERROR.message, { originalError })] };
}

/** Remove `extensions.http`: these transports have no HTTP response for each operation. */
function withoutHttp(result: ExecutionResult): ExecutionResult {
  if (result.errors === undefined) return result;
  const errors = result.errors.map((error) => {
    const { http: _http, ...extensions } = error.extensions;
    const { nodes = null, source = null, positions = null, path = null } = error;
    return new GraphQLError(error.message, { nodes, source, positions, path, extensions });
  });
  return { ...result, errors };
}

/**
 * Create a function that runs operations as over HTTP, with the same plugins, context, limits and error
 * formatting. It never rejects. The context has the credential and the signal of `request`.
 */
export function createOperationRunner(app: Pick<App, "getResultForParams">, log: Logger): OperationRunner {
  return async (params, request) => {
    const mask = (result: ExecutionResult) => withoutHttp(maskResult(result, getRequestId(request), log));
    try {
      const result = await app.getResultForParams({ params, request }, { request });
      if (isAsyncIterable<ExecutionResult>(result)) {
        return mapAsyncIterator(result, mask, (error: unknown) => mask(toResult(error)));
      }
      return mask(result ?? toResult(undefined));
    } catch (error) {
      return mask(toResult(error));
    }
  };
}
