import type { Plugin } from "graphql-yoga";
import { createProtocolError } from "../errors/protocol-error.ts";

/**
 * Ignore properties of the request body that GraphQL over HTTP does not define. Yoga would reject them. Reject
 * malformed JSON in the query string with 400. Yoga would answer 500.
 */
export function useKnownParameters(): Plugin {
  return {
    onRequestParse({ request, requestParser, setRequestParser }) {
      if (request.method !== "GET" || requestParser === undefined) return;
      setRequestParser(async (given) => {
        try {
          return await requestParser(given);
        } catch (error) {
          if (!(error instanceof SyntaxError)) throw error;
          const message = "The variables and extensions of the query string must be JSON.";
          throw createProtocolError("BAD_REQUEST", message, { status: 400 });
        }
      });
    },
    onParams({ params, setParams }) {
      if (typeof params !== "object" || params === null) return;
      const { query, variables, operationName, extensions } = params;
      setParams(
        Object.fromEntries(
          Object.entries({ query, variables, operationName, extensions }).filter(
            ([, value]) => value !== undefined,
          ),
        ),
      );
    },
  };
}
