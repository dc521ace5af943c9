import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";

/**
 * Drops properties of the request body that GraphQL over HTTP does not define, which it says a server
 * ignores; Yoga would refuse them. Refuses JSON in a URL that is none, which Yoga takes for a defect of ours.
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
          throw new GraphQLError("The URL's variables and extensions must be JSON.", {
            extensions: { code: "BAD_REQUEST", http: { status: 400 } },
          });
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
