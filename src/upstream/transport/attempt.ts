import { nameOwner } from "../../credential.ts";
import { isTracing, runInSpan, withTraceHeaders } from "../../spans.ts";
import { AttemptRecord } from "./attempt-record.ts";
import type { CallTime } from "./call-time.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint, findSubject } from "./endpoint.ts";
import { exchange } from "./reply-collector.ts";
import type { RawReply, UpstreamRequest, UpstreamScope, UpstreamStats } from "./types.ts";
import { buildBody, buildPath } from "./wire-request.ts";

/** A call that is ready to be sent. */
export type PreparedCall = {
  readonly request: UpstreamRequest;
  readonly headers: Readonly<Record<string, string>>;
  readonly time: CallTime;
};

/** Send a call over a connection of the pool for its effect, and read the reply. */
function send(
  pools: ConnectionPools,
  { request, headers, time }: PreparedCall,
  traceHeaders: Readonly<Record<string, string>> | null = null,
): Promise<RawReply> {
  const options = {
    origin: pools.origin,
    path: buildPath(pools.basePath, request),
    method: request.method,
    headers: traceHeaders ?? headers,
    body: buildBody(request),
  };
  const isWrite = request.effect === "write";
  return exchange(isWrite ? pools.writes : pools.reads, options, time, isWrite);
}

/** Send a call in a span of its own. */
function sendTraced(pools: ConnectionPools, call: PreparedCall, number: number): Promise<RawReply> {
  const { method, path } = call.request;
  const attributes = { "http.request.method": method, "http.request.resend_count": number - 1 };
  return runInSpan(`${method} ${describeEndpoint(path)}`, "client", attributes, async (span) => {
    const reply = await send(pools, call, withTraceHeaders(call.headers));
    span.setAttribute("http.response.status_code", reply.status);
    return reply;
  });
}

/** Key of the breaker for calls of one owner about one resource. Null for calls about no single resource. */
function findBreakerKey(scope: UpstreamScope, { path, credential }: UpstreamRequest): string | null {
  const subject = findSubject(path);
  const owner = credential ?? scope.caller;
  return subject === null ? null : `${owner === null ? "" : nameOwner(owner)} ${subject}`;
}

/**
 * Send one attempt of a call through the breaker. Count it, log it and, where traces are exported, trace it.
 *
 * @param number - of the attempt, counted from 1
 * @throws {GatewayError} `UPSTREAM_UNAVAILABLE` while the breaker is open, before anything is sent
 */
export async function sendAttempt(
  pools: ConnectionPools,
  scope: UpstreamScope,
  stats: UpstreamStats,
  call: PreparedCall,
  number: number,
): Promise<RawReply> {
  const { request } = call;
  const begun = pools.breaker.begin(() => findBreakerKey(scope, request));
  const record = new AttemptRecord({ pools, scope, stats }, request, number);
  try {
    const reply = await (isTracing() ? sendTraced(pools, call, number) : send(pools, call));
    record.reply(reply);
    pools.breaker.end(begun, { reply });
    return reply;
  } catch (error) {
    record.failure(error);
    pools.breaker.end(begun, { error });
    throw error;
  }
}
