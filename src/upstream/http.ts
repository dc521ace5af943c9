import { setTimeout as sleep } from "node:timers/promises";
import type { Dispatcher } from "undici";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type Credential, toCredentialHeader } from "./credential.ts";
import type { UpstreamOrigin } from "./origin.ts";
import { createRedactor, type Redact } from "./redact.ts";
import { createRefusal } from "./refusal.ts";
import {
  computeRetryDelay,
  isConnectionFailure,
  isRetryableStatus,
  MAX_ATTEMPTS,
  parseRetryAfter,
  readErrorCode,
  wasNeverSent,
} from "./retry.ts";

/** The version whose CVM ids are strings and whose KMS answers are nodes. */
const API_VERSION = "2026-05-22";

/** One call of the REST API. */
export type UpstreamRequest = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path segments below the base URL, not yet escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: { readonly json: unknown } | { readonly text: string; readonly contentType: string };
  /** The statuses that are answers; every other one becomes an error. */
  readonly accept: readonly number[];
  /** A write is sent once, outlives the client, and may end in `OUTCOME_UNKNOWN`. */
  readonly effect: "read" | "write";
  /** `none` for the calls whose body is the credential. */
  readonly credential?: "caller" | "none";
  /** Wire fields that stand elsewhere in this call's GraphQL input, for example `appCompose.name`. */
  readonly inputPaths?: Readonly<Record<string, string>>;
};

/** An answer of the REST API, its body still text. Header names are in lower case. */
export type UpstreamReply = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly requestId: string | null;
  /** Takes what the request's body held out of a text of the answer, before it is shown. */
  readonly redact: Redact;
};

/** What one GraphQL request brings to all its upstream calls. */
export type UpstreamScope = {
  readonly caller: Credential | null;
  readonly requestId: string;
  readonly log: Logger;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
  /** The end of the GraphQL request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
};

/** The one door to the REST API. */
export type Upstream = {
  /**
   * Sends one request.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` before sending where there is no credential; the code of the
   * refusal; `UPSTREAM_TIMEOUT`, `UPSTREAM_UNAVAILABLE`, `UPSTREAM_MALFORMED`, `CANCELLED`; and for a write
   * whose answer was lost `OUTCOME_UNKNOWN`.
   */
  send(request: UpstreamRequest): Promise<UpstreamReply>;
};

function buildUrl(baseUrl: string, { path, query }: UpstreamRequest): string {
  const search =
    query === undefined
      ? ""
      : `?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`;
  return `${baseUrl}/${path.map(encodeURIComponent).join("/")}${search}`;
}

function buildHeaders(request: UpstreamRequest, scope: UpstreamScope): Record<string, string> {
  const { body } = request;
  const headers: Record<string, string> = {
    accept: "application/json, text/plain;q=0.9, */*;q=0.8",
    "user-agent": "cvm-gateway",
    "x-phala-version": API_VERSION,
    "x-request-id": scope.requestId,
    ...request.headers,
  };
  if (body !== undefined) headers["content-type"] = "json" in body ? "application/json" : body.contentType;
  if (request.credential === "none") return headers;
  if (scope.caller === null) {
    throw new GatewayError(
      "UNAUTHENTICATED",
      "This needs a credential: send X-API-Key, or Authorization: Bearer.",
    );
  }
  const [name, value] = toCredentialHeader(scope.caller);
  headers[name] = value;
  return headers;
}

function listTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

function listBodyTexts({ body }: UpstreamRequest): string[] {
  if (body === undefined) return [];
  return "json" in body ? listTexts(body.json) : [body.text];
}

function describeFailure(error: unknown, request: UpstreamRequest, clientLeft: boolean): GatewayError {
  if (error instanceof GatewayError) return error;
  if (readErrorCode(error) === "UND_ERR_RES_EXCEEDED_MAX_SIZE") {
    return new GatewayError("UPSTREAM_MALFORMED", "The REST API's answer is larger than the gateway reads.", {
      cause: error,
    });
  }
  if (wasNeverSent(error)) {
    return new GatewayError("UPSTREAM_UNAVAILABLE", "The REST API cannot be reached; nothing was sent.", {
      cause: error,
    });
  }
  if (request.effect === "write") {
    return new GatewayError(
      "OUTCOME_UNKNOWN",
      "This write was sent, but its answer did not arrive. It may have been applied: read the CVM before sending it again.",
      { cause: error },
    );
  }
  if (clientLeft)
    return new GatewayError("CANCELLED", "The client left before the answer came.", { cause: error });
  const timedOut = error instanceof Error && error.name === "TimeoutError";
  return timedOut
    ? new GatewayError("UPSTREAM_TIMEOUT", "The REST API did not answer in time.", { cause: error })
    : new GatewayError("UPSTREAM_UNAVAILABLE", "The connection to the REST API broke.", { cause: error });
}

function readHeader(headers: Dispatcher.ResponseData["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** An id is a short word; anything else in the header could be a text that came back. */
function readRequestId(headers: Dispatcher.ResponseData["headers"]): string | null {
  const id = readHeader(headers, "x-request-id");
  return id !== undefined && /^[\w.:-]{1,128}$/.test(id) ? id : null;
}

/** Binds the REST API to one GraphQL request. */
export function createUpstream(origin: UpstreamOrigin, scope: UpstreamScope): Upstream {
  async function exchange(request: UpstreamRequest, headers: Record<string, string>, signal: AbortSignal) {
    const { body } = request;
    const dispatcher = request.effect === "write" ? origin.writes : origin.reads;
    const url = new URL(buildUrl(origin.baseUrl, request));
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers,
      body: body === undefined ? null : "json" in body ? JSON.stringify(body.json) : body.text,
      signal,
    });
    return {
      status: response.statusCode,
      contentType: readHeader(response.headers, "content-type") ?? "",
      requestId: readRequestId(response.headers),
      retryAfterMs: parseRetryAfter(readHeader(response.headers, "retry-after")),
      body: await response.body.text(),
    };
  }

  async function attempt(
    request: UpstreamRequest,
    headers: Record<string, string>,
    signal: AbortSignal,
    number: number,
  ) {
    const started = performance.now();
    const line = { method: request.method, path: `/${request.path.join("/")}`, attempt: number };
    try {
      const reply = await exchange(request, headers, signal);
      scope.log.info(
        { ...line, status: reply.status, durationMs: performance.now() - started },
        "upstream call",
      );
      return reply;
    } catch (error) {
      scope.log.warn(
        { ...line, err: error, durationMs: performance.now() - started },
        "upstream call failed",
      );
      throw error;
    }
  }

  async function sendRead(
    request: UpstreamRequest,
    headers: Record<string, string>,
    signal: AbortSignal,
    expiresAt: number,
  ) {
    for (let number = 1; ; number += 1) {
      const last = number === MAX_ATTEMPTS || request.method !== "GET";
      try {
        const reply = await attempt(request, headers, signal, number);
        if (last || !isRetryableStatus(reply.status)) return reply;
        const waitMs = computeRetryDelay(number, reply.retryAfterMs);
        if (performance.now() + waitMs >= expiresAt) return reply;
        await sleep(waitMs, undefined, { signal });
      } catch (error) {
        if (last || signal.aborted || !isConnectionFailure(error)) throw error;
        await sleep(computeRetryDelay(number, undefined), undefined, { signal });
      }
    }
  }

  function openSignal(request: UpstreamRequest): { signal: AbortSignal; expiresAt: number; release(): void } {
    const left = scope.deadline - performance.now();
    if (scope.signal.aborted || left <= 0) {
      throw new GatewayError("CANCELLED", "The request ended before this call was sent.");
    }
    const write = request.effect === "write";
    const budget = write ? origin.writeTimeoutMs : Math.min(origin.readTimeoutMs, left);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), budget);
    const leave = () => controller.abort(scope.signal.reason);
    if (!write) scope.signal.addEventListener("abort", leave, { once: true });
    return {
      signal: controller.signal,
      expiresAt: performance.now() + budget,
      release() {
        clearTimeout(timer);
        scope.signal.removeEventListener("abort", leave);
      },
    };
  }

  return {
    async send(request) {
      const headers = buildHeaders(request, scope);
      const { signal, expiresAt, release } = openSignal(request);
      try {
        const reply =
          request.effect === "write"
            ? await attempt(request, headers, signal, 1)
            : await sendRead(request, headers, signal, expiresAt);
        const redact = createRedactor(listBodyTexts(request));
        if (request.accept.includes(reply.status)) {
          return { ...reply, requestId: reply.requestId && redact(reply.requestId), redact };
        }
        const inputPaths = request.inputPaths ?? {};
        throw createRefusal({ ...reply, effect: request.effect, redact, inputPaths });
      } catch (error) {
        throw describeFailure(error, request, scope.signal.aborted);
      } finally {
        release();
      }
    },
  };
}
