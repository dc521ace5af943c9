import type { Credential } from "../../credential.ts";
import type { ErrorCode } from "../../error-catalog.ts";
import type { Logger } from "../../logger.ts";
import type { Redact } from "../errors/redact.ts";

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
  /** Statuses that have another meaning in this call than in most. */
  readonly codes?: Readonly<Record<number, ErrorCode>>;
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

/** What the calls of one GraphQL request came to. */
export type UpstreamStats = {
  calls: number;
  /** How many of them were writes. */
  writes: number;
  /** Reads that were answered by an earlier one of the same request. */
  deduplicated: number;
  retries: number;
  /** The time that all calls took together, which is more than the clock's where they ran at once. */
  ms: number;
};

/** The one door to the REST API. */
export type Upstream = {
  readonly stats: UpstreamStats;
  /**
   * Sends one request.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` before sending where there is no credential; the code of the
   * refusal; `UPSTREAM_TIMEOUT`, `UPSTREAM_UNAVAILABLE`, `UPSTREAM_MALFORMED`, `CANCELLED`; and for a write
   * whose answer was lost `OUTCOME_UNKNOWN`.
   */
  send(request: UpstreamRequest): Promise<UpstreamReply>;
};
