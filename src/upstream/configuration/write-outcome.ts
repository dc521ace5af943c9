import type { UpstreamReply } from "../transport/types.ts";
import type { HashProof } from "./hash-proof.ts";
import { ACCEPTED_STATUSES, type InProgress, parseInProgress } from "./in-progress.ts";
import { type OnChainHashRequired, parseOnChainHashRequired } from "./on-chain-hash-required.ts";
import { createUnregisteredError } from "./unregistered-hash.ts";

const HASH_REQUIRED_STATUS = 465;

/** Statuses that answer a configuration change: accepted, or its compose hash has to be registered first. */
export const OUTCOME_STATUSES = [...ACCEPTED_STATUSES, HASH_REQUIRED_STATUS] as const;

/** Outcome of a configuration change. */
export type WriteOutcome = InProgress | OnChainHashRequired;

/** Parse the answer of a configuration change. @throws {GatewayError} `UPSTREAM_MALFORMED` */
export function parseWriteOutcome(reply: UpstreamReply): WriteOutcome {
  return reply.status === HASH_REQUIRED_STATUS ? parseOnChainHashRequired(reply) : parseInProgress(reply);
}

/**
 * Parse the answer of a second phase.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` if the hash is not registered yet; `HASH_INVALID_OR_EXPIRED` if the
 *   REST API requires another hash; `UPSTREAM_MALFORMED`
 */
export function parseConfirmation(reply: UpstreamReply, { composeHash }: HashProof): InProgress {
  if (reply.status === HASH_REQUIRED_STATUS) throw createUnregisteredError(reply, composeHash);
  return parseInProgress(reply);
}
