import { type ExecutionResult, type FormattedExecutionResult, GraphQLError } from "graphql";
import { isStream } from "../pipeline/stream-results.ts";
import type { OperationResult } from "../pipeline/types.ts";

/** Format a result for the client, without `extensions.http`. */
export function formatResult(result: ExecutionResult): FormattedExecutionResult {
  const { errors, ...rest } = result;
  if (errors === undefined) return rest;
  return {
    errors: errors.map((error) => {
      const { extensions: { http: _http, ...extensions } = {}, ...plain } = error.toJSON();
      return { ...plain, extensions };
    }),
    ...rest,
  };
}

/** Remove `extensions.http`, for a transport that has no HTTP response for each operation. */
export function withoutHttp(result: OperationResult): OperationResult {
  if (isStream(result) || result.errors === undefined) return result;
  const errors = result.errors.map((error) => {
    const { http: _http, ...extensions } = error.extensions;
    const { nodes = null, source = null, positions = null, path = null } = error;
    return new GraphQLError(error.message, { nodes, source, positions, path, extensions });
  });
  return { ...result, errors };
}
