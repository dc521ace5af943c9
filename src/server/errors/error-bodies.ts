import type { Plugin } from "graphql-yoga";
import type { Logger } from "../../logger.ts";
import { ACCEPT_ADVICE } from "../http/accepted-types.ts";
import { getRequestId } from "../http/request-id.ts";
import { formatBadRequest } from "./protocol-error.ts";

/** Messages for statuses that Yoga sends without a body. */
const messages: Readonly<Record<number, string>> = {
  404: "Nothing is served at this path: send operations to /graphql.",
  406: `The result has no format that the Accept header allows. ${ACCEPT_ADVICE}`,
  415: "Send the operation as JSON, with content-type: application/json.",
};

/** Give every error response without a JSON body the same body as all other errors. */
export function useErrorBodies(log: Logger): Plugin {
  return {
    onResponse({ request, response, setResponse, fetchAPI }) {
      const { status, headers } = response;
      if (status < 400 || (headers.get("content-type") ?? "").includes("json")) return;
      const requestId = getRequestId(request);
      log.info({ requestId, status }, "refused");
      const kept = [...headers].filter(([name]) => !/^content-(type|length)$/.test(name));
      setResponse(
        new fetchAPI.Response(formatBadRequest(messages[status] ?? "The request was rejected.", requestId), {
          status,
          headers: [...kept, ["content-type", "application/json; charset=utf-8"]],
        }),
      );
    },
  };
}
