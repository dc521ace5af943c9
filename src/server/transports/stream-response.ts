import type { ExecutionResult } from "graphql";
import { isAsyncIterable, mapAsyncIterator, type Plugin } from "graphql-yoga";
import type { OpenStreams } from "./open-streams.ts";
import { createStreamBody } from "./stream-body.ts";
import { chooseStreamFormat, streamHeaders } from "./stream-format.ts";

/**
 * Send subscriptions as Server-Sent Events (GraphQL over SSE, distinct connections), or as multipart HTTP when
 * the client asks for `subscriptionSpec=1.0`.
 */
export function useStreamResponses(streams: OpenStreams): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      if (!isAsyncIterable(result)) return;
      const format = chooseStreamFormat(request.headers.get("accept"));
      if (format === null) return;
      setResultProcessor((results, fetchAPI) => {
        if (!isAsyncIterable<ExecutionResult>(results)) throw new TypeError("The result is not a stream.");
        const messages = mapAsyncIterator(results, format.formatNext);
        return new fetchAPI.Response(createStreamBody({ messages, format }, streams, fetchAPI), {
          headers: { ...streamHeaders, "content-type": format.contentType },
        });
      }, format.contentType);
    },
  };
}
