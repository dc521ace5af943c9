import type { FetchAPI } from "graphql-yoga";
import type { OpenStreams } from "./open-streams.ts";
import type { StreamFormat } from "./stream-format.ts";

/** Time in milliseconds between two attempts to end a stream that still waits for a result. */
const LEAVE_RETRY_MS = 100;

/** What a stream sends. */
export type StreamSource = {
  /** Formatted results. The next one is requested after the client has received the one before. */
  readonly messages: AsyncIterator<string, unknown>;
  /** What is sent before, between and after the messages. An empty text is not sent. */
  readonly format: Pick<StreamFormat, "opening" | "heartbeat" | "complete" | "leaving">;
  /** Whether the gateway may end the stream now. */
  readonly canLeave?: () => boolean;
  /** Called once, when the stream ends for any reason. */
  readonly onEnd?: () => void;
};

/** Create the response body of a stream, and register it with the open streams of the process. */
export function createStreamBody(
  { messages, format, canLeave = () => true, onEnd = () => undefined }: StreamSource,
  streams: OpenStreams,
  { ReadableStream }: Pick<FetchAPI, "ReadableStream">,
): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  let over = false;
  let remove: () => void = () => undefined;
  const end = () => {
    over = true;
    remove();
    onEnd();
  };
  return new ReadableStream<Uint8Array>({
    start(controller) {
      const write = (text: string) => {
        if (text !== "") controller.enqueue(encoder.encode(text));
      };
      write(format.opening);
      remove = streams.add({
        beat() {
          // A client with data still to receive needs no heartbeat.
          if (!over && (controller.desiredSize ?? 0) > 0) write(format.heartbeat);
        },
        leave: function leave() {
          if (over) return;
          if (!canLeave()) {
            setTimeout(leave, LEAVE_RETRY_MS);
            return;
          }
          end();
          write(format.leaving);
          controller.close();
          void messages.return?.();
        },
      });
    },
    async pull(controller) {
      try {
        const result = await messages.next();
        if (over) return;
        const text = result.done ? format.complete : result.value;
        if (text !== "") controller.enqueue(encoder.encode(text));
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
      await messages.return?.();
    },
  });
}
