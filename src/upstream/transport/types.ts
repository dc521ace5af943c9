import type { ClientPresence } from "../../client-presence.ts";
import type { CommitToken, Credential } from "../../credential.ts";
import type { ErrorCode } from "../../error-catalog.ts";
import type { Logger } from "../../logger.ts";
import type { Redact } from "../errors/redact.ts";

/** A JSON body. Its texts are removed from messages about the call. */
type JsonBody = {
  readonly json: unknown;
  /** What is sent instead of `JSON.stringify(json)`, where numbers must keep their digits. */
  readonly jsonText?: string;
};

/** Call of the REST API. */
export type UpstreamRequest = {
  readonly method: "GET" | "POST" | "PATCH";
  /** Path segments below the base URL, not yet escaped. */
  readonly path: readonly string[];
  readonly query?: Readonly<Record<string, string | number>>;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: JsonBody | { readonly text: string; readonly contentType: string };
  /** Statuses that are answers. Every other status becomes an error. */
  readonly accept: readonly number[];
  /** A write is sent once, continues when the client disconnects, and may end in `OUTCOME_UNKNOWN`. */
  readonly effect: "read" | "write";
  /** Credential that the body contains. The caller's credential and workspace are then not sent. */
  readonly credential?: CommitToken;
  /** Wire fields that have another path in the GraphQL input of this call, for example `appCompose.name`. */
  readonly inputPaths?: Readonly<Record<string, string>>;
  /** Statuses with a special meaning in this call. */
  readonly codes?: Readonly<Record<number, ErrorCode>>;
};

/** An answer of the REST API. Its body is still text. */
export type UpstreamReply = {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
  readonly requestId: string | null;
  /** Remove the contents of the request's body from a text of the answer, before it is shown. */
  readonly redact: Redact;
  /**
   * Remove the gateway's own key from a text that the REST API or the guest reports. Never use it for an app-compose,
   * which must stay as it is.
   */
  hideServerKey(text: string): string;
  /** Log how many parts of the body did not have their documented form. */
  logUnexpected(parts: number): void;
};

/** A reply of the REST API with any status, as it arrived. */
export type RawReply = Omit<UpstreamReply, "redact" | "hideServerKey" | "logUnexpected"> & {
  /** From the `Retry-After` header, in milliseconds. */
  readonly retryAfterMs: number | null;
};

/** What all upstream calls of one GraphQL request share. */
export type UpstreamScope = {
  readonly caller: Credential | null;
  readonly requestId: string;
  /** The log of the process. A line about a call names its request. */
  readonly log: Logger;
  readonly client: ClientPresence;
  /** End of the GraphQL request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
};

/** Statistics of the calls of one GraphQL request. */
export type UpstreamStats = {
  calls: number;
  /** Number of writes among the calls. */
  writes: number;
  /** Reads that were answered by an earlier read of the same request. */
  deduplicated: number;
  retries: number;
  /** Sum of the durations of all calls, in milliseconds. Parallel calls add up. */
  ms: number;
};

/** The only entry point to the REST API. */
export type Upstream = {
  readonly stats: UpstreamStats;
  /** Set the check that each write has to pass before it is sent. Null for none. It throws a `GatewayError`. */
  guardWrites(check: (() => void) | null): void;
  /**
   * Send one request.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` before sending without a credential; the code for a status that
   * is not accepted; `UPSTREAM_TIMEOUT`, `UPSTREAM_UNAVAILABLE`, `UPSTREAM_MALFORMED`, `CANCELLED`; and
   * `OUTCOME_UNKNOWN` for a write whose answer was lost.
   */
  send(request: UpstreamRequest): Promise<UpstreamReply>;
};
