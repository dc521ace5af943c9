// Over 250 lines, because the one door to the REST API is easier to judge in one piece.
import { setTimeout as sleep } from "node:timers/promises";
import type { Span } from "@opentelemetry/api";
import type { Dispatcher } from "undici";
import { fingerprint } from "../../credential.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { MAX_REPLY_BYTES } from "../../limits.ts";
import { runInSpan, withTraceHeaders } from "../../spans.ts";
import { toHttpError } from "../errors/http-error.ts";
import { createRedactor } from "../errors/redact.ts";
import { toTransportError } from "../errors/transport-error.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint, findSubject } from "./endpoint.ts";
import {
  computeRetryDelay,
  isConnectionFailure,
  isRetryableStatus,
  MAX_ATTEMPTS,
  parseRetryAfter,
  ReplyTooLargeError,
} from "./retry.ts";
import type { Upstream, UpstreamRequest, UpstreamScope } from "./types.ts";
import { buildBody, buildHeaders, buildUrl, listBodyTexts, listPlainTexts } from "./wire-request.ts";

function wait(ms: number, signal: AbortSignal): Promise<void> {
  return runInSpan("wait to retry", "internal", {}, () => sleep(ms, undefined, { signal }));
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
export function createUpstream(pools: ConnectionPools, scope: UpstreamScope): Upstream {
  async function exchange(
    request: UpstreamRequest,
    headers: Record<string, string>,
    signal: AbortSignal,
    span: Span,
  ) {
    const dispatcher = request.effect === "write" ? pools.writes : pools.reads;
    const url = buildUrl(pools.baseUrl, request);
    const response = await dispatcher.request({
      origin: url.origin,
      path: url.pathname + url.search,
      method: request.method,
      headers: withTraceHeaders(headers),
      body: buildBody(request),
      signal,
    });
    span.setAttribute("http.response.status_code", response.statusCode);
    if (Number(readHeader(response.headers, "content-length") ?? 0) > MAX_REPLY_BYTES) {
      response.body.destroy();
      throw new ReplyTooLargeError();
    }
    return {
      status: response.statusCode,
      contentType: readHeader(response.headers, "content-type") ?? "",
      requestId: readRequestId(response.headers),
      retryAfterMs: parseRetryAfter(readHeader(response.headers, "retry-after")),
      body: await response.body.text(),
    };
  }

  const stats = { calls: 0, writes: 0, deduplicated: 0, retries: 0, ms: 0 };
  let owner: string | undefined;

  function record(
    request: UpstreamRequest,
    number: number,
    started: number,
    end: { status: number } | Error,
  ) {
    const durationMs = performance.now() - started;
    const line = {
      method: request.method,
      path: describeEndpoint(request.path),
      attempt: number,
      durationMs,
    };
    const status = end instanceof Error ? null : end.status;
    stats.ms += durationMs;
    pools.observer.onCall?.({
      method: request.method,
      endpoint: describeEndpoint(request.path),
      status,
      durationMs,
    });
    if (end instanceof Error) scope.log.warn({ ...line, err: end }, "upstream call failed");
    else scope.log.info({ ...line, status }, "upstream call");
  }

  function count(request: UpstreamRequest, number: number): void {
    const { method, effect } = request;
    if (effect === "write") stats.writes += 1;
    if (number === 1) stats.calls += 1;
    else {
      stats.retries += 1;
      pools.observer.onRetry?.({ method, endpoint: describeEndpoint(request.path) });
    }
  }

  function attempt(
    request: UpstreamRequest,
    headers: Record<string, string>,
    signal: AbortSignal,
    number: number,
  ) {
    const subject = findSubject(request.path);
    if (subject !== null) owner ??= scope.caller === null ? "" : fingerprint(scope.caller);
    return pools.breaker.run(subject === null ? null : `${owner} ${subject}`, async () => {
      const started = performance.now();
      count(request, number);
      try {
        const reply = await runInSpan(
          `${request.method} ${describeEndpoint(request.path)}`,
          "client",
          { "http.request.method": request.method, "http.request.resend_count": number - 1 },
          (span) => exchange(request, headers, signal, span),
        );
        record(request, number, started, reply);
        return reply;
      } catch (error) {
        record(request, number, started, error instanceof Error ? error : new Error("unknown"));
        throw error;
      }
    });
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
        await wait(waitMs, signal);
      } catch (error) {
        if (last || signal.aborted || !isConnectionFailure(error)) throw error;
        await wait(computeRetryDelay(number, undefined), signal);
      }
    }
  }

  function openSignal(request: UpstreamRequest): { signal: AbortSignal; expiresAt: number; release(): void } {
    const left = scope.deadline - performance.now();
    if (scope.signal.aborted || left <= 0) {
      throw new GatewayError("CANCELLED", errorMessages.endedBeforeSending);
    }
    const write = request.effect === "write";
    const budget = write ? pools.writeTimeoutMs : Math.min(pools.readTimeoutMs, left);
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(new DOMException("", "TimeoutError")), budget);
    const leave = () => controller.abort(new DOMException("", "AbortError"));
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
    stats,
    async send(request) {
      const headers = buildHeaders(request, scope);
      const { signal, expiresAt, release } = openSignal(request);
      try {
        const reply =
          request.effect === "write"
            ? await attempt(request, headers, signal, 1)
            : await sendRead(request, headers, signal, expiresAt);
        const redact = createRedactor(
          [...listBodyTexts(request), ...(scope.caller === null ? [] : [scope.caller.secret])],
          listPlainTexts(request),
        );
        if (request.accept.includes(reply.status)) {
          return { ...reply, requestId: reply.requestId && redact(reply.requestId), redact };
        }
        const { effect, inputPaths = {}, codes = {} } = request;
        throw toHttpError({ ...reply, effect, redact, inputPaths, codes });
      } catch (error) {
        throw toTransportError(error, request, signal);
      } finally {
        release();
      }
    },
  };
}
