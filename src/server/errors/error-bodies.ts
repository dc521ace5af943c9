import type { Plugin } from "graphql-yoga";
import type { Logger } from "../../logger.ts";
import { getRequestId } from "../http/request-id.ts";
import { formatRefusal } from "./error-body.ts";

/** What is said where Yoga says nothing. */
const messages: Readonly<Record<number, string>> = {
  404: "Nothing is served at this path: send operations to /graphql.",
  406: "The result has no form that Accept names.",
  415: "Send the operation as JSON, with content-type: application/json.",
};

/** Gives every answer that tells of a failure a body in the form of all errors, where it has none. */
export function useErrorBodies(log: Logger): Plugin {
  return {
    onResponse({ request, response, setResponse, fetchAPI }) {
      const { status, headers } = response;
      if (status < 400 || (headers.get("content-type") ?? "").includes("json")) return;
      const requestId = getRequestId(request);
      log.info({ requestId, status }, "refused");
      const kept = [...headers].filter(([name]) => !/^content-(type|length)$/.test(name));
      setResponse(
        new fetchAPI.Response(formatRefusal(messages[status] ?? "The request was refused.", requestId), {
          status,
          headers: [...kept, ["content-type", "application/json; charset=utf-8"]],
        }),
      );
    },
  };
}
