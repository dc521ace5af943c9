import type { AllValuesReader, Caller, Credential, FieldReader } from "../credential.ts";
import type { Rights } from "./rights.ts";

/** Who sends a request, what the gateway sends for it, and what it may do. */
export type Identity = {
  /** Owner of the idempotency keys, rate limits and streams of the request. Null for a request without one. */
  readonly caller: Caller | null;
  /** What is sent to the REST API. Locks, the breaker and the polls of streams belong to it. */
  readonly credential: Credential | null;
  readonly rights: Rights;
  /** End of the caller's token in milliseconds since 1970. Null for a caller without a token. */
  readonly expiresAt: number | null;
};

/**
 * Find out who sends a request, once for an HTTP request and once for a socket.
 *
 * @throws {GatewayError} for fields that name nobody. Every operation of the request then fails with it.
 */
export type Identify = (read: FieldReader, readAll: AllValuesReader) => Identity | Promise<Identity>;

/** The access file of a process. */
export type Access = {
  readonly identify: Identify;
  /** Return the headers that GraphiQL suggests, with a placeholder for the token. */
  suggestHeaders(): Readonly<Record<string, string>>;
  /**
   * Read the file and all keys again. On any error, the previous rules and keys stay in use.
   *
   * @throws {AccessFileError} with every problem of the file
   */
  reload(): Promise<void>;
  /** Close the connections to the issuers. */
  close(): Promise<void>;
};
