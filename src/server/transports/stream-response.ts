import type { ExecutionResult } from "graphql";
import { type FetchAPI, isAsyncIterable, type Plugin } from "graphql-yoga";
import type { OpenStreams } from "./open-streams.ts";
import { chooseStreamFormat, type StreamFormat, streamHeaders } from "./stream-format.ts";

/**
 * Writes results to a response body as they come. The next result is asked for when the client has taken
 * the one before.
 */
function createBody(
  results: AsyncIterable<ExecutionResult>,
  format: StreamFormat,
  open: OpenStreams,
  { ReadableStream }: FetchAPI,
): ReadableStream<Uint8Array> {
  const iterator = results[Symbol.asyncIterator]();
  const encoder = new TextEncoder();
  let over = false;
  let forget: () => void = () => undefined;
  const end = () => {
    over = true;
    forget();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => controller.enqueue(encoder.encode(text));
      write(format.opening);
      forget = open.add({
        beat() {
          // A client that has not taken what is there already needs no sign of life.
          if (!over && (controller.desiredSize ?? 0) > 0) write(format.heartbeat);
        },
        leave() {
          if (over) return;
          end();
          if (format.leaving !== "") write(format.leaving);
          controller.close();
          void iterator.return?.();
        },
      });
    },
    async pull(controller) {
      try {
        const result = await iterator.next();
        if (over) return;
        controller.enqueue(encoder.encode(result.done ? format.complete : format.formatNext(result.value)));
        if (!result.done) return;
        end();
        controller.close();
      } catch (error) {
        if (over) return;
        end();
        controller.error(error);
      }
    },
    async cancel() {
      end();
      await iterator.return?.();
    },
  });
}

/**
 * Answers subscriptions as Server-Sent Events (GraphQL over SSE, distinct connections), or as multipart HTTP
 * where the client asks for `subscriptionSpec=1.0`.
 */
export function useStreams(open: OpenStreams): Plugin {
  return {
    onResultProcess({ request, result, setResultProcessor }) {
      if (!isAsyncIterable(result)) return;
      const format = chooseStreamFormat(request.headers.get("accept"));
      if (format === null) return;
      setResultProcessor((stream, fetchAPI) => {
        if (!isAsyncIterable<ExecutionResult>(stream)) throw new TypeError("This result is no stream.");
        return new fetchAPI.Response(createBody(stream, format, open, fetchAPI), {
          headers: { ...streamHeaders, "content-type": format.contentType },
        });
      }, format.contentType);
    },
  };
}
