import { once } from "node:events";
import type { ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { OpenStreams } from "./open-streams.ts";
import { type StreamFormat, streamHeaders } from "./stream-format.ts";

/** Time in milliseconds between two attempts to end a stream that still waits for a result. */
const LEAVE_RETRY_MS = 100;

/** What a stream sends. */
export type StreamSource = {
  /** Formatted results. The next one is requested after the client has received the one before. */
  readonly messages: AsyncIterator<string, unknown>;
  /** What is sent before, between and after the messages. An empty text is not sent. */
  readonly format: Pick<StreamFormat, "contentType" | "opening" | "heartbeat" | "complete" | "leaving">;
  /** Whether the gateway may end the stream now. */
  readonly canLeave?: () => boolean;
  /** Called once, when the stream ends for any reason. */
  readonly onEnd?: () => void;
};

/** Wait until the client has received what was written, or has left. */
async function waitForDrain(response: ServerResponse): Promise<void> {
  const waiting = new AbortController();
  const { signal } = waiting;
  await Promise.race([once(response, "drain", { signal }), once(response, "close", { signal })]).finally(() =>
    waiting.abort(),
  );
}

/**
 * Send a stream of results as the response, and register it with the open streams of the process. It ends with the
 * messages, when the client leaves, or when the process drains.
 */
export function sendStream(
  response: ServerResponse,
  { messages, format, canLeave = () => true, onEnd = () => undefined }: StreamSource,
  streams: OpenStreams,
): void {
  let over = false;
  let remove: () => void = () => undefined;
  const end = () => {
    over = true;
    remove();
    onEnd();
  };
  const write = (text: string) => text === "" || response.write(text);
  const send = async () => {
    while (!over) {
      const { done, value } = await messages.next();
      if (over) return;
      if (done) {
        end();
        response.end(format.complete);
      } else if (!write(String(value))) await waitForDrain(response);
    }
  };

  response.writeHead(200, { ...streamHeaders, "content-type": format.contentType });
  response.once("close", () => {
    if (over) return;
    end();
    void messages.return?.();
  });
  response.flushHeaders();
  write(format.opening);
  remove = streams.add({
    beat() {
      // A client with data still to receive needs no heartbeat.
      if (!over && !response.writableNeedDrain) write(format.heartbeat);
    },
    leave: function leave() {
      if (over) return;
      if (!canLeave()) {
        setTimeout(leave, LEAVE_RETRY_MS);
        return;
      }
      end();
      response.end(format.leaving);
      void messages.return?.();
    },
  });
  send().catch(() => {
    if (!over) end();
    response.destroy();
  });
}

/** Send the results of a subscription as the response. */
export function sendResults(
  response: ServerResponse,
  results: AsyncIterable<ExecutionResult>,
  format: StreamFormat,
  streams: OpenStreams,
): void {
  const iterator = results[Symbol.asyncIterator]();
  const messages = {
    async next(): Promise<IteratorResult<string, undefined>> {
      const { done, value } = await iterator.next();
      return done ? { done, value: undefined } : { done: false, value: format.formatNext(value) };
    },
    async return(): Promise<IteratorResult<string, undefined>> {
      await iterator.return?.();
      return { done: true, value: undefined };
    },
  };
  sendStream(response, { messages, format }, streams);
}
