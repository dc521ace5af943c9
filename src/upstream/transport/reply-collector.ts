import type { Dispatcher } from "undici";
import { MAX_REPLY_BYTES } from "../../limits.ts";
import { markNeverSent, ReplyTooLargeError } from "../errors/connection-failure.ts";
import type { CallTime } from "./call-time.ts";
import type { RawReply } from "./types.ts";

type Controller = Dispatcher.DispatchController;

type Headers = Readonly<Record<string, string | string[] | undefined>>;

function findHeader(headers: Headers, name: string): string | null {
  const value = headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}

/** A request id is a short word. Anything else in the header could quote the request. */
function findRequestId(headers: Headers): string | null {
  const id = findHeader(headers, "x-request-id");
  return id !== null && /^[\w.:-]{1,128}$/.test(id) ? id : null;
}

/**
 * Parse a `Retry-After` header, in seconds or as an HTTP date.
 *
 * @returns milliseconds from now; null for any other text
 */
export function parseRetryAfter(value: string | null, now = Date.now()): number | null {
  const text = value?.trim() ?? "";
  if (text === "") return null;
  if (/^\d{1,6}(?:\.\d+)?$/.test(text)) return Math.ceil(Number(text) * 1000);
  const date = /\d:\d/.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(date) ? null : Math.max(0, date - now);
}

/** Decode a body as UTF-8, without a byte order mark. */
function decodeBody(chunks: readonly Buffer[]): string {
  const [first] = chunks;
  if (first === undefined) return "";
  const text = (chunks.length === 1 ? first : Buffer.concat(chunks)).toString();
  return text.startsWith("\uFEFF") ? text.slice(1) : text;
}

/** Collects the reply to one request as undici parses it, without a stream in between. */
class ReplyCollector implements Dispatcher.DispatchHandler {
  readonly #resolve: (reply: RawReply) => void;
  readonly #reject: (error: Error) => void;
  readonly #chunks: Buffer[] = [];
  #controller: Controller | null = null;
  #ending: Error | null = null;
  #status = 0;
  #headers: Headers = {};

  constructor(resolve: (reply: RawReply) => void, reject: (error: Error) => void) {
    this.#resolve = resolve;
    this.#reject = reject;
  }

  /** Whether undici has begun to send the request. */
  get started(): boolean {
    return this.#controller !== null;
  }

  /**
   * Reject immediately. While undici is still connecting, it only notices an abort once the connection is open or
   * has failed. It does not send such a request any more.
   */
  cancel(ending: Error): void {
    this.#ending = ending;
    this.#reject(ending);
    this.#controller?.abort(ending);
  }

  onRequestStart(controller: Controller): void {
    this.#controller = controller;
    if (this.#ending !== null) controller.abort(this.#ending);
  }

  onResponseStart(_controller: Controller, status: number, headers: Headers): void {
    if (status < 200) return;
    this.#status = status;
    this.#headers = headers;
    if (Number(findHeader(headers, "content-length") ?? 0) > MAX_REPLY_BYTES) {
      this.cancel(new ReplyTooLargeError());
    }
  }

  onResponseData(_controller: Controller, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    const headers = this.#headers;
    this.#resolve({
      status: this.#status,
      contentType: findHeader(headers, "content-type") ?? "",
      requestId: findRequestId(headers),
      retryAfterMs: parseRetryAfter(findHeader(headers, "retry-after")),
      body: decodeBody(this.#chunks),
    });
  }

  onResponseError(_controller: Controller, error: Error): void {
    this.#reject(error);
  }
}

/**
 * Send a request over a connection of a pool, and collect the reply.
 *
 * @param ownConnection - whether the request gets a new connection. If its time ends before this connection is open,
 *   nothing was sent.
 * @throws {ReplyTooLargeError} for a reply with too large a Content-Length; the errors of undici; the reason why
 *   the time of the call ended
 */
export function exchange(
  pool: Dispatcher,
  options: Dispatcher.DispatchOptions,
  time: CallTime,
  ownConnection: boolean,
): Promise<RawReply> {
  return new Promise((resolve, reject) => {
    if (time.ending !== null) {
      reject(time.ending);
      return;
    }
    const collector = new ReplyCollector(resolve, reject);
    time.onEnd((ending) => {
      if (ownConnection && !collector.started) markNeverSent(ending);
      collector.cancel(ending);
    });
    pool.dispatch(options, collector);
  });
}
