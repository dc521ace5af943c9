import { GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import { createProtocolError } from "../errors/protocol-error.ts";
import { parseRequestJson } from "./request-json.ts";

const JSON_TYPE = /^application\/(?:graphql\+)?json(?:;|,|$)/;

/** Read the body as a JSON object or list. @throws {GraphQLError} `BAD_REQUEST` */
async function parseJsonBody(request: Request) {
  const text = await request.text().catch((error: unknown) => {
    if (error instanceof GraphQLError) throw error;
    throw createProtocolError("BAD_REQUEST", "The request body could not be read.", { status: 400 });
  });
  const body = parseRequestJson("The request body", text);
  if (typeof body === "object" && body !== null) return body;
  throw createProtocolError("BAD_REQUEST", "The request body must be a JSON object.", { status: 400 });
}

/** Assert that the members of the query string that hold JSON are valid. @throws {GraphQLError} `BAD_REQUEST` */
function assertJsonInUrl(url: URL): void {
  for (const name of ["variables", "extensions"]) {
    const text = url.searchParams.get(name);
    if (text) parseRequestJson(`The parameter ${name} of the query string`, text);
  }
}

/**
 * Say where malformed JSON of the body or of the query string is wrong. Yoga would name no place, and would
 * answer 500 for a query string. Ignore properties of the request body that GraphQL over HTTP does not define.
 * Yoga would reject them.
 */
export function useKnownParameters(): Plugin {
  return {
    onRequestParse({ request, url, requestParser, setRequestParser }) {
      if (requestParser === undefined) return;
      const isJson = JSON_TYPE.test(request.headers.get("content-type") ?? "");
      if (request.method === "POST" && isJson) setRequestParser(parseJsonBody);
      if (request.method === "GET") {
        setRequestParser((given) => {
          assertJsonInUrl(url);
          return requestParser(given);
        });
      }
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
