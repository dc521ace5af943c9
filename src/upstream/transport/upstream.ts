import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import { toHttpError } from "../errors/http-error.ts";
import { REDACTION_MARK, type Redact } from "../errors/redact.ts";
import { toTransportError } from "../errors/transport-error.ts";
import { sendAttempt } from "./attempt.ts";
import { startCallTime } from "./call-time.ts";
import type { ConnectionPools } from "./connection-pools.ts";
import { describeEndpoint } from "./endpoint.ts";
import { sendWithRetries } from "./retry-policy.ts";
import type { RawReply, Upstream, UpstreamReply, UpstreamRequest, UpstreamScope } from "./types.ts";
import { buildHeaders, createRequestRedactor } from "./wire-request.ts";

/** A reply whose status is an answer. What most answers do not need is created when it is asked for. */
class AcceptedReply implements UpstreamReply {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly #request: UpstreamRequest;
  readonly #scope: UpstreamScope;
  readonly #requestId: string | null;
  #redact: Redact | undefined;

  constructor(
    request: UpstreamRequest,
    { status, contentType, body, requestId }: RawReply,
    scope: UpstreamScope,
  ) {
    this.status = status;
    this.contentType = contentType;
    this.body = body;
    this.#request = request;
    this.#scope = scope;
    this.#requestId = requestId;
  }

  get redact(): Redact {
    this.#redact ??= createRequestRedactor(this.#request, this.#scope);
    return this.#redact;
  }

  get requestId(): string | null {
    return this.#requestId && this.redact(this.#requestId);
  }

  hideServerKey(text: string): string {
    const { caller } = this.#scope;
    return caller?.isServerKey === true ? text.replaceAll(caller.secret, REDACTION_MARK) : text;
  }

  logUnexpected(parts: number): void {
    const { log, requestId } = this.#scope;
    const { method, path } = this.#request;
    const line = { requestId, method, path: describeEndpoint(path), count: parts };
    log.debug(line, "unexpected parts of an upstream answer were ignored");
  }
}

/** Return the reply if its status is an answer to this call. @throws {GatewayError} for every other status */
function acceptReply(
  { credentialAdvice }: ConnectionPools,
  request: UpstreamRequest,
  reply: RawReply,
  scope: UpstreamScope,
): UpstreamReply {
  if (request.accept.includes(reply.status)) return new AcceptedReply(request, reply, scope);
  const redact = createRequestRedactor(request, scope);
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
  let checkWrite: (() => void) | null = null;
  return {
    stats,
    guardWrites(check) {
      checkWrite = check;
    },
    async send(request) {
      if (request.effect === "write") checkWrite?.();
      const headers = buildHeaders(request, scope);
      const time = startCallTime(pools, scope, request);
      const call = { request, headers, time };
      try {
        const reply = await sendWithRetries(request, time, (number) =>
          sendAttempt(pools, scope, stats, call, number),
        );
        const accepted = acceptReply(pools, request, reply, scope);
        if (scope.caller !== null && request.credential === undefined) pools.accepted.add(scope.caller);
        return accepted;
      } catch (error) {
        throw toTransportError(error, request, time.ending);
      } finally {
        time.release();
      }
    },
  };
}
