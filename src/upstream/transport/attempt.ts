import type { Span } from "@opentelemetry/api";
import { nameOwner } from "../../credential.ts";
import { runInSpan, withTraceHeaders } from "../../spans.ts";
import { recordAttempt } from "./attempt-record.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint, findSubject } from "./endpoint.ts";
import { collectReply } from "./raw-reply.ts";
import { untilAborted } from "./request-signal.ts";
import type { RawReply, UpstreamRequest, UpstreamScope, UpstreamStats } from "./types.ts";
import { buildBody, buildUrl } from "./wire-request.ts";

/** A call that is ready to be sent. */
export type PreparedCall = {
  readonly request: UpstreamRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
};

/** Send a call over a connection of the pool for its effect, and read the reply. */
async function exchange(
  pools: ConnectionPools,
  { request, headers, signal }: PreparedCall,
  span: Span,
): Promise<RawReply> {
  const dispatcher = request.effect === "write" ? pools.writes : pools.reads;
  const url = buildUrl(pools.baseUrl, request);
  const pending = dispatcher.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: request.method,
    headers: withTraceHeaders(headers),
    body: buildBody(request),
    signal,
  });
  const response = await untilAborted(pending, signal);
  span.setAttribute("http.response.status_code", response.statusCode);
  return collectReply(response);
}

/** Key of the breaker for calls of one owner about one resource. Null for calls about no single resource. */
function findBreakerKey(scope: UpstreamScope, { path, credential }: UpstreamRequest): string | null {
  const subject = findSubject(path);
  const owner = credential ?? scope.caller;
  return subject === null ? null : `${owner === null ? "" : nameOwner(owner)} ${subject}`;
}

/**
 * Send one attempt of a call through the breaker. Count it, log it, and trace it as a span.
 *
 * @param number - of the attempt, counted from 1
 * @throws {GatewayError} `UPSTREAM_UNAVAILABLE` while the breaker is open, before anything is sent
 */
export function sendAttempt(
  pools: ConnectionPools,
  scope: UpstreamScope,
  stats: UpstreamStats,
  call: PreparedCall,
  number: number,
): Promise<RawReply> {
  const { request } = call;
  const { method, path } = request;
  return pools.breaker.run(
    () => findBreakerKey(scope, request),
    () =>
      recordAttempt({ pools, scope, stats }, request, number, () =>
        runInSpan(
          `${method} ${describeEndpoint(path)}`,
          "client",
          { "http.request.method": method, "http.request.resend_count": number - 1 },
          (span) => exchange(pools, call, span),
        ),
      ),
  );
}
