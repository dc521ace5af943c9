import type { Plugin } from "graphql-yoga";
import { formatRefusal } from "../errors/error-body.ts";
import { getRequestId } from "./request-id.ts";

/** What an operation may be answered as. */
const ANSWERED_AS = [
  "application/graphql-response+json",
  "application/json",
  "text/event-stream",
  "multipart/mixed",
] as const;

/** Reads the header as Yoga does when the result is there: never more leniently, or a result has no form. */
function canAnswer(accept: string | null): boolean {
  const ranges = (accept || "*/*").replace(/\s/g, "").toLowerCase().split(",");
  return ranges.some((range) => {
    const [type = "", ...parameters] = range.split(";");
    const charset = parameters.find((parameter) => parameter.includes("charset="));
    if (charset !== undefined && charset !== "charset=utf-8") return false;
    const [wanted, wantedSubtype] = type.split("/");
    return ANSWERED_AS.some((offered) => {
      const [main, subtype] = offered.split("/");
      return (wanted === "*" || wanted === main) && (wantedSubtype === "*" || wantedSubtype === subtype);
    });
  });
}

/**
 * Refuses a request whose `Accept` fits no answer of ours, before anything of it runs: Yoga would find out
 * with the result in its hands, and the client would take a change that was made for one that was refused.
 */
export function useAcceptedTypes(): Plugin {
  return {
    onRequestParse({ request, fetchAPI, endResponse }) {
      if (canAnswer(request.headers.get("accept"))) return;
      const message = "Accept names no type that the gateway answers with: send application/json.";
      endResponse(
        new fetchAPI.Response(formatRefusal(message, getRequestId(request)), {
          status: 406,
          headers: { "content-type": "application/json; charset=utf-8" },
        }),
      );
    },
  };
}
