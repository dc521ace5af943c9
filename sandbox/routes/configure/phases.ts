import { isOnChain } from "../../catalog/kms.ts";
import type { Change } from "../../cvm/change.ts";
import {
  acceptChange,
  type Proof,
  submitChange,
  unknownHashError,
  verifyProof,
} from "../../cvm/submit-change.ts";
import type { Cvm, Operation } from "../../cvm/types.ts";
import { validationError } from "../../http/api-error.ts";
import type { ApiContext } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { bareHex } from "../../identity.ts";
import type { World } from "../../world.ts";

/**
 * Run one phase of a single-purpose update: the first phase without a proof, the second with one. In the
 * second phase the body is sent again, and its hash must be the registered one.
 *
 * @returns the started operation; null when nothing changes
 * @throws ApiError 409; 465 in the first phase; 466, 467 and 468 in the second
 */
export async function runPhase(
  world: World,
  c: ApiContext,
  cvm: Cvm,
  change: Change,
  proof: Proof | null,
): Promise<Operation | null> {
  if (proof === null || !isOnChain(cvm.kms)) {
    return submitChange(world, c.get("workspace"), cvm, change, false);
  }
  if (change.compose.hash !== bareHex(proof.composeHash)) throw unknownHashError();
  await verifyProof(world, cvm, proof);
  return change.hasEffect ? acceptChange(world, cvm, change) : null;
}

/** Answer an accepted change with 202. Only an answer with an operation has a correlation id. */
export function operationResponse(
  operation: Operation | null,
  more: Readonly<Record<string, unknown>> = {},
): Response {
  if (operation === null) {
    return jsonResponse(202, { status: "no_change", message: "Compose configuration unchanged" });
  }
  return jsonResponse(202, {
    status: "in_progress",
    message: "CVM update initiated",
    correlation_id: operation.correlationId,
    ...more,
  });
}

/** Whether the client only prepares the change, with `X-Prepare-Only`. */
export function parsePrepareOnly(c: ApiContext): boolean {
  return /^(?:true|1)$/i.test(c.req.header("x-prepare-only") ?? "");
}

/**
 * Parse the two headers of the second phase; null when neither is given.
 *
 * @throws ApiError 422 when one is missing
 */
export function parseProofHeaders(c: ApiContext): Proof | null {
  return joinProof(c.req.header("x-compose-hash"), c.req.header("x-transaction-hash"), [
    ["header", "X-Compose-Hash"],
    ["header", "X-Transaction-Hash"],
  ]);
}

/**
 * Parse the two body fields of the second phase; null when neither is given.
 *
 * @throws ApiError 422 when one is missing
 */
export function parseProofFields(body: {
  readonly compose_hash?: string | null | undefined;
  readonly transaction_hash?: string | null | undefined;
}): Proof | null {
  return joinProof(body.compose_hash, body.transaction_hash, [
    ["body", "compose_hash"],
    ["body", "transaction_hash"],
  ]);
}

function joinProof(
  composeHash: string | null | undefined,
  transactionHash: string | null | undefined,
  [composeLoc, transactionLoc]: readonly [readonly string[], readonly string[]],
): Proof | null {
  if (composeHash == null && transactionHash == null) return null;
  if (composeHash != null && transactionHash != null) return { composeHash, transactionHash };
  const loc = composeHash == null ? composeLoc : transactionLoc;
  throw validationError([{ loc, msg: "Field required", type: "missing" }]);
}
