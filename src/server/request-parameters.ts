import type { Plugin } from "graphql-yoga";

/**
 * Drops properties of the request body that GraphQL over HTTP does not define, which it says a server
 * ignores; Yoga would refuse them.
 */
export function useKnownParameters(): Plugin {
  return {
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
