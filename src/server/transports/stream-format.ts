import type { ExecutionResult, FormattedExecutionResult } from "graphql";

/** How results are written to a stream. */
export type StreamFormat = {
  readonly contentType: string;
  /** Sent at once, so that proxies and browsers pass the response on. */
  readonly opening: string;
  readonly heartbeat: string;
  formatNext(result: ExecutionResult): string;
  /** Says that the operation is over. */
  readonly complete: string;
  /** Ends the stream although the operation is not over. */
  readonly leaving: string;
};

/** Headers of every stream: no cache, no change on the way, no buffer and no compression. */
export const streamHeaders = {
  "cache-control": "no-cache, no-transform",
  "x-accel-buffering": "no",
  // Some proxies compress whatever is not encoded yet, and hold it back while they do.
  "content-encoding": "identity",
} as const;

/** A result as JSON takes it, without what is meant for the HTTP response alone. */
function toPlainResult(result: ExecutionResult): FormattedExecutionResult {
  const { errors, ...rest } = result;
  if (errors === undefined) return rest;
  return {
    ...rest,
    errors: errors.map((error) => {
      const { extensions: { http: _http, ...extensions } = {}, ...plain } = error.toJSON();
      return { ...plain, extensions };
    }),
  };
}

/** GraphQL over SSE, distinct connections. Without `complete` its clients, and EventSource, come back. */
export const eventStream: StreamFormat = {
  contentType: "text/event-stream; charset=utf-8",
  opening: ":\n\n",
  heartbeat: ":\n\n",
  formatNext: (result) => `event: next\ndata: ${JSON.stringify(toPlainResult(result))}\n\n`,
  complete: "event: complete\ndata:\n\n",
  leaving: "",
};

function formatPart(content: unknown): string {
  return `\r\ncontent-type: application/json\r\n\r\n${JSON.stringify(content)}\r\n--graphql`;
}

/**
 * Apollo's subscriptions over multipart HTTP. The boundary follows each part at once, since clients take it for
 * the part's end. A result without data ends the stream by the protocol's own error.
 */
const multipartStream: StreamFormat = {
  contentType: "multipart/mixed; boundary=graphql; subscriptionSpec=1.0",
  opening: `\r\n--graphql${formatPart({})}`,
  heartbeat: formatPart({}),
  formatNext(result) {
    const plain = toPlainResult(result);
    return formatPart(
      plain.data === undefined ? { payload: null, errors: plain.errors ?? [] } : { payload: plain },
    );
  },
  complete: "--\r\n",
  leaving: `${formatPart({
    payload: null,
    errors: [
      {
        message: "The gateway is being stopped: subscribe again.",
        extensions: { code: "CANCELLED", retryable: true },
      },
    ],
  })}--\r\n`,
};

/** The format that a request accepts for a stream; null where it accepts none of ours. */
export function chooseStreamFormat(accept: string | null): StreamFormat | null {
  for (const range of (accept ?? "*/*").toLowerCase().split(",")) {
    const [type = "", ...parameters] = range.split(";").map((part) => part.trim());
    const spec = parameters.some((parameter) => /^subscriptionspec="?1\.0"?$/.test(parameter));
    if (type === "multipart/mixed" && spec) return multipartStream;
    if (type === "text/event-stream" || type === "text/*" || type === "*/*") return eventStream;
  }
  return null;
}
