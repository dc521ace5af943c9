import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { toHttpError } from "../errors/http-error.ts";
import { toTransportError } from "../errors/transport-error.ts";
import { sendAttempt } from "./attempt.ts";
import { startCallTime } from "./call-time.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint } from "./endpoint.ts";
import { sendWithRetries } from "./retry-policy.ts";
import type { RawReply, Upstream, UpstreamReply, UpstreamRequest, UpstreamScope } from "./types.ts";
import { buildHeaders, createRequestRedactor } from "./wire-request.ts";

/** Return the reply if its status is an answer to this call. @throws {GatewayError} for every other status */
function acceptReply(
  { credentialAdvice }: ConnectionPools,
  request: UpstreamRequest,
  reply: RawReply,
  scope: UpstreamScope,
): UpstreamReply {
  const redact = createRequestRedactor(request, scope);
  if (request.accept.includes(reply.status)) {
    return {
      status: reply.status,
      contentType: reply.contentType,
      body: reply.body,
      // Only an error shows it, so it is redacted when it is asked for.
      get requestId() {
        return reply.requestId && redact(reply.requestId);
      },
      redact,
      logUnexpected: (parts) =>
        scope.log.debug(
          {
            requestId: scope.requestId,
            method: request.method,
            path: describeEndpoint(request.path),
            count: parts,
          },
          "unexpected parts of an upstream answer were ignored",
        ),
    };
  }
  const { effect, inputPaths = {}, codes = {} } = request;
  const error = toHttpError({ ...reply, effect, redact, inputPaths, codes, credentialAdvice });
  throw isServerKeyRefused(error, request, scope) ? createServerKeyError(error) : error;
}

/** Whether the REST API does not accept a key of the gateway. The client cannot mend that with another sign-in. */
function isServerKeyRefused(error: GatewayError, { credential }: UpstreamRequest, { caller }: UpstreamScope) {
  return error.code === "UNAUTHENTICATED" && credential === undefined && caller?.isServerKey === true;
}

function createServerKeyError(cause: GatewayError): GatewayError {
  const { upstream } = cause;
  const details = upstream === undefined ? {} : { upstream: { status: upstream.status } };
  return new GatewayError("UPSTREAM_REFUSED", errorMessages.serverKeyRefused, { ...details, cause });
}

/** Bind the REST API to one GraphQL request. */
export function createUpstream(pools: ConnectionPools, scope: UpstreamScope): Upstream {
  const stats = { calls: 0, writes: 0, deduplicated: 0, retries: 0, ms: 0 };
  return {
    stats,
    async send(request) {
      const headers = buildHeaders(request, scope);
      const time = startCallTime(pools, scope, request);
      const call = { request, headers, time };
      try {
        const reply = await sendWithRetries(request, time, (number) =>
          sendAttempt(pools, scope, stats, call, number),
        );
        return acceptReply(pools, request, reply, scope);
      } catch (error) {
        throw toTransportError(error, request, time.ending);
      } finally {
        time.release();
      }
    },
  };
}
