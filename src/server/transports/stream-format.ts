import type { ExecutionResult } from "graphql";
import { formatResult } from "./format-result.ts";

/** Wire format of a stream of results. */
export type StreamFormat = {
  readonly contentType: string;
  /** Sent immediately, so that proxies and browsers forward the response. */
  readonly opening: string;
  readonly heartbeat: string;
  formatNext(result: ExecutionResult): string;
  /** Sent when the operation has ended. */
  readonly complete: string;
  /** Sent when the gateway ends the stream before the operation. */
  readonly leaving: string;
};

/** Headers of every stream, which turn off caches, transformations, buffers and compression. */
export const streamHeaders = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  // Some proxies compress a response without an encoding, and delay its parts.
  "content-encoding": "identity",
} as const;

/** GraphQL over SSE, distinct connections. Without `complete`, its clients and EventSource connect again. */
export const eventStream: StreamFormat = {
  contentType: "text/event-stream; charset=utf-8",
  opening: ":\n\n",
  heartbeat: ":\n\n",
  formatNext: (result) => `event: next\ndata: ${JSON.stringify(formatResult(result))}\n\n`,
  complete: "event: complete\ndata:\n\n",
  leaving: "",
};

function formatPart(content: unknown): string {
  return `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(content)}\r\n--graphql`;
}

/**
 * Apollo's subscriptions over multipart HTTP. The boundary follows each part immediately, because it marks the
 * end of the part for clients. A result without data ends the stream with the error of the protocol.
 */
const multipartStream: StreamFormat = {
  contentType: "multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
  opening: `\r\n--graphql${formatPart({})}`,
  heartbeat: formatPart({}),
  formatNext(result) {
    const plain = formatResult(result);
    return formatPart(
      plain.data === undefined ? { payload: null, errors: plain.errors ?? [] } : { payload: plain },
    );
  },
  complete: "--\r\n",
  leaving: `${formatPart({
    payload: null,
    errors: [
      {
        message: "The gateway is stopping: subscribe again.",
        extensions: { code: "CANCELLED", retryable: true },
      },
    ],
  })}--\r\n`,
};

/** Return the stream format that a request accepts, or null. */
export function chooseStreamFormat(accept: string | null): StreamFormat | null {
  for (const range of (accept ?? "*/*").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const spec = parameters.some((parameter) => /^subscriptionspec="?1\.0"?$/.test(parameter));
    if (type === "multipart/mixed" && spec) return multipartStream;
    if (type === "text/event-stream" || type === "text/*" || type === "*/*") return eventStream;
  }
  return null;
}
