import { isOnChain } from "../catalog/kms.ts";
import type { TransactionCheck } from "../chain/chain.ts";
import { type ApiError, businessError, plainError } from "../http/api-error.ts";
import { bareHex } from "../identity.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { findChain, type World } from "../world.ts";
import { predictBoot } from "./boot.ts";
import type { Change } from "./change.ts";
import { onChainHashRequired } from "./on-chain-hash-required.ts";
import { isLocked, refreshState, startOperation } from "./operation.ts";
import { prepareCommit } from "./prepared-commit.ts";
import { planOfflineUpdate, planUpdate } from "./timeline.ts";
import type { Cvm, Operation, PendingChange } from "./types.ts";

/** How long a change waits for its transaction: 14 days, in milliseconds. */
export const PENDING_MS = 14 * 24 * 3_600_000;

/** Sent instead of a transaction hash: check the state of the contract only. */
export const ALREADY_REGISTERED = "already-registered";

/** Pending changes kept per CVM. Older ones are dropped. */
const MAX_PENDING = 100;

/** Proof of the second phase: the registered compose hash and its transaction. */
export type Proof = { readonly composeHash: string; readonly transactionHash: string };

/**
 * Check that no other operation runs.
 *
 * @throws ApiError 409 without an error code, which means that the client can retry
 */
export function assertUnlocked(world: World, cvm: Cvm): void {
  if (isLocked(cvm, world.clock.now())) {
    throw plainError(409, "Another operation is already in progress");
  }
}

/**
 * Run the first phase: apply a change immediately, or keep it until its hash is registered on chain.
 *
 * @returns the started operation; null when nothing changes
 * @throws ApiError 409; 465 when the hash of an app with a contract changes, even if the contract allows the new
 *   hash already
 */
export async function submitChange(
  world: World,
  workspace: Workspace,
  cvm: Cvm,
  change: Change,
  prepareOnly: boolean,
): Promise<Operation | null> {
  assertUnlocked(world, cvm);
  if (!change.hasEffect) return null;
  if (!isOnChain(cvm.kms) || !change.changesHash) return acceptChange(world, cvm, change);
  keepChange(cvm.pending, change, world.clock.now());
  const prepared = prepareOnly ? await prepareCommit(world, workspace, cvm, change.compose.hash, null) : null;
  throw onChainHashRequired(cvm, change.compose.hash, prepared);
}

/** Keep a change under its hash until it is confirmed. */
export function keepChange(kept: Cvm["pending"], change: Change, now: number): void {
  kept.delete(change.compose.hash);
  kept.set(change.compose.hash, { ...change, createdAt: now });
  const [oldest] = kept.keys();
  if (kept.size > MAX_PENDING && oldest !== undefined) kept.delete(oldest);
}

/**
 * Run the checks of the second phase in the order of the API: the pending change of the hash, the state of the
 * contract, the transaction. All of them refuse before anything is applied.
 *
 * @throws ApiError 409; 466 for a hash without a pending change of the last 14 days; 465 when the contract does
 *   not allow the hash yet (468 for a CVM with the behavior `hash-468`); 467 for a transaction that does not
 *   register the hash
 */
export async function verifyProof(world: World, cvm: Cvm, proof: Proof): Promise<PendingChange> {
  assertUnlocked(world, cvm);
  const composeHash = bareHex(proof.composeHash);
  const pending = requirePending(world, cvm, composeHash);
  const chain = findChain(world, cvm.kms);
  if (chain === null) throw unknownHashError();
  if (!(await chain.isComposeHashAllowed(cvm.appId, composeHash))) throw notRegisteredError(cvm, composeHash);
  if (proof.transactionHash !== "" && proof.transactionHash !== ALREADY_REGISTERED) {
    const check = await chain.verifyComposeHashAdded(cvm.appId, composeHash, proof.transactionHash);
    if (check !== "verified") throw transactionError(check);
  }
  return pending;
}

function notRegisteredError(cvm: Cvm, composeHash: string): ApiError {
  if (!cvm.behaviors.has("hash-468")) return onChainHashRequired(cvm, composeHash, null);
  return businessError(468, "ERR-01-008", "The app contract does not allow this compose hash.", {
    suggestions: ["Call addComposeHash(bytes32) on the app contract. Its address is the app id."],
  });
}

/**
 * Return the pending change of a hash.
 *
 * @throws ApiError 466
 */
function requirePending(world: World, cvm: Cvm, composeHash: string): PendingChange {
  const pending = cvm.pending.get(composeHash);
  if (pending === undefined || world.clock.now() - pending.createdAt > PENDING_MS) throw unknownHashError();
  return pending;
}

/** Create the 466 for a hash or a commit token that is no longer good. */
export function unknownHashError(message = "Compose hash is invalid or has expired") {
  return businessError(466, "ERR-01-006", message, {
    suggestions: ["Send the update again without hashes, and register the compose hash of the answer."],
  });
}

/** Start the operation that applies a change. */
export async function acceptChange(
  world: World,
  cvm: Cvm,
  change: Pick<PendingChange, "operationType" | "apply">,
): Promise<Operation> {
  const config = change.apply(cvm.config);
  const prediction = await predictBoot(cvm, config, findChain(world, cvm.kms));
  assertUnlocked(world, cvm);
  const now = world.clock.now();
  const isOff = refreshState(cvm, now).status === "stopped";
  return startOperation(
    cvm,
    {
      type: change.operationType,
      target: isOff ? "stopped" : "running",
      timeline: isOff ? planOfflineUpdate() : planUpdate(prediction.plan),
      failure: isOff ? null : prediction.failure,
      config,
      guestEnv: isOff ? null : prediction.guestEnv,
    },
    now,
  );
}

/** Create the 467. */
export function transactionError(check: Exclude<TransactionCheck, "verified">) {
  const reasons = {
    "not-found": "Transaction not found",
    reverted: "Transaction reverted",
    "wrong-event": "Transaction has no ComposeHashAdded event of this app and hash",
  };
  return businessError(467, "ERR-01-007", reasons[check], {
    suggestions: [
      "Wait for a confirmation and repeat the request.",
      `Send '${ALREADY_REGISTERED}' as the transaction hash if the contract allows the hash already.`,
    ],
  });
}
