import type { Plugin } from "graphql-yoga";
import { formatBadRequest } from "../errors/protocol-error.ts";
import { getRequestId } from "./request-id.ts";

/** Media types of a result. */
const RESULT_TYPES = [
  "application/graphql-response+json",
  "application/json",
  "text/event-stream",
  "multipart/mixed",
] as const;

/** What a client can send as `Accept`. */
export const ACCEPT_ADVICE =
  "Accept application/graphql-response+json or application/json for queries and mutations, and text/event-stream or multipart/mixed for subscriptions.";

/** Whether a result can be sent. Yoga reads the header in the same way after execution, so this is never more lenient. */
function acceptsResult(accept: string | null): boolean {
  const ranges = (accept || "*/*").replace(/\s/g, "").toLowerCase().split(",");
  return ranges.some((range) => {
    const [type = "", ...parameters] = range.split(";");
    const charset = parameters.find((parameter) => parameter.includes("charset="));
    if (charset !== undefined && charset !== "charset=utf-8") return false;
    const [wanted, wantedSubtype] = type.split("/");
    return RESULT_TYPES.some((offered) => {
      const [main, subtype] = offered.split("/");
      return (wanted === "*" || wanted === main) && (wantedSubtype === "*" || wantedSubtype === subtype);
    });
  });
}

/**
 * Reject a request whose `Accept` header matches no media type of a result, before the operation runs. Yoga
 * checks the header only after execution, so the client would get an error for a change that was made.
 */
export function useAcceptedTypes(): Plugin {
  return {
    onRequestParse({ request, fetchAPI, endResponse }) {
      if (acceptsResult(request.headers.get("accept"))) return;
      const message = `The Accept header allows no media type of the gateway. ${ACCEPT_ADVICE}`;
      endResponse(
        new fetchAPI.Response(formatBadRequest(message, getRequestId(request)), {
          status: 406,
          headers: { "content-type": "application/json; charset=utf-8" },
        }),
      );
    },
  };
}
