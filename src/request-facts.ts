import type { Identity } from "./access/types.ts";
import type { ClientPresence } from "./client-presence.ts";
import type { GatewayError } from "./errors.ts";

/** Facts of one operation. They are computed once, where its HTTP request or its socket arrives. */
export type RequestFacts = Identity & {
  /** Id of the request in answers, logs and traces. */
  readonly id: string;
  /** Why the sender could not be identified, or null. */
  readonly refusal: GatewayError | null;
  /** Address of the client, as seen through the trusted proxies. */
  readonly address: string;
  /** Value of the `Idempotency-Key` header. */
  readonly idempotencyKey: string | null;
  /** The `traceparent` and `tracestate` headers. */
  readonly trace: { readonly traceparent?: string; readonly tracestate?: string };
  readonly userAgent: string | null;
  readonly transport: "http" | "sse" | "websocket";
  /** Whether only queries may run, because the request is a GET. */
  readonly readOnly: boolean;
  /** Whether the answer reports the upstream calls. */
  readonly wantsStats: boolean;
  /** End of the request on the clock of `performance.now()`, in milliseconds. */
  readonly deadline: number;
  readonly client: ClientPresence;
};
