import { type ExecutionResult, GraphQLError } from "graphql";
import { type GraphQLParams, isAsyncIterable, mapAsyncIterator } from "graphql-yoga";
import type { Logger } from "../../logger.ts";
import { maskResult } from "../errors/mask-results.ts";
import type { App } from "../http/app.ts";
import { getRequestId } from "../http/request-id.ts";

/** What a transport of its own needs to run operations as HTTP does. */
export type OperationRunner = (
  params: GraphQLParams,
  request: Request,
) => Promise<ExecutionResult | AsyncIterable<ExecutionResult>>;

function toResult(error: unknown): ExecutionResult {
  if (error instanceof GraphQLError) return { errors: [error] };
  const originalError = error instanceof Error ? error : new TypeError("Something else was thrown.");
  return { errors: [new GraphQLError("Unexpected error.", { originalError })] };
}

/** Takes out what is meant for an HTTP response: these transports have none for each operation. */
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
 * Runs one operation on the way that requests over HTTP take: the same plugins, checks, context and limits,
 * and the same way out for errors. It never rejects.
 *
 * @param app gives the credential and the signal of `request` to the context.
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
