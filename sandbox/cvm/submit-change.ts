import { isOnChain } from "../catalog/kms.ts";
import type { TransactionCheck } from "../chain/chain.ts";
import { businessError, plainError } from "../http/api-error.ts";
import { bareHex } from "../identity.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { findChain, type World } from "../world.ts";
import { predictBoot } from "./boot.ts";
import type { Change } from "./change.ts";
import { onChainHashRequired, type PreparedCommit } from "./on-chain-hash-required.ts";
import { isLocked, refreshState, startOperation } from "./operation.ts";
import { planOfflineUpdate, planUpdate } from "./timeline.ts";
import type { Cvm, Operation, PendingChange } from "./types.ts";

/** How long a change waits for its transaction, milliseconds: seven days. */
export const PENDING_MS = 7 * 24 * 3_600_000;

/** The literal that asks for a look at the contract's state alone, in the place of a transaction hash. */
const ALREADY_REGISTERED = "already-registered";

/** Changes of a CVM that wait at once; older ones make room. */
const MAX_PENDING = 100;

/** Which change is confirmed, and by which transaction. */
export type Proof = { readonly composeHash: string; readonly transactionHash: string };

/**
 * Refuses while another operation runs.
 *
 * @throws ApiError 409 without an error code, which means that it passes
 */
export function assertUnlocked(world: World, cvm: Cvm): void {
  if (isLocked(cvm, world.clock.now())) {
    throw plainError(409, "Another operation is already in progress");
  }
}

/**
 * First phase: applies a change at once, or keeps it until its hash is on chain.
 *
 * @throws ApiError 409; 465 whenever the hash of an app with a contract changes, also when the contract
 *   allows the new one already
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
  const prepared = prepareOnly ? await prepareCommit(world, workspace, cvm, change.compose.hash) : null;
  throw onChainHashRequired(cvm, change.compose.hash, prepared);
}

/** Keeps a change under its hash until it is confirmed. */
export function keepChange(kept: Cvm["pending"], change: Change, now: number): void {
  kept.delete(change.compose.hash);
  kept.set(change.compose.hash, { ...change, createdAt: now });
  const [oldest] = kept.keys();
  if (kept.size > MAX_PENDING && oldest !== undefined) kept.delete(oldest);
}

/**
 * Second phase: finds the change that waits under a hash and checks its transaction.
 *
 * @throws ApiError 409; 466 for a hash that nobody asked for in seven days; 467 for a transaction that does
 *   not register it; 468 when the contract does not allow it
 */
export async function verifyProof(world: World, cvm: Cvm, proof: Proof): Promise<PendingChange> {
  assertUnlocked(world, cvm);
  const composeHash = bareHex(proof.composeHash);
  const pending = requirePending(world, cvm, composeHash);
  const chain = findChain(world, cvm.kms);
  if (chain === null) throw unknownHashError();
  if (proof.transactionHash !== "" && proof.transactionHash !== ALREADY_REGISTERED) {
    const check = await chain.verifyComposeHashAdded(cvm.appId, composeHash, proof.transactionHash);
    if (check !== "verified") throw transactionError(check);
  }
  if (!(await chain.isComposeHashAllowed(cvm.appId, composeHash))) {
    throw businessError(468, "ERR-01-008", "The app contract does not allow this compose hash", {
      suggestions: ["Call addComposeHash(bytes32) on the app contract, whose address is the app id"],
    });
  }
  return pending;
}

/** @throws ApiError 466 */
export function requirePending(world: World, cvm: Cvm, composeHash: string): PendingChange {
  const pending = cvm.pending.get(composeHash);
  if (pending === undefined || world.clock.now() - pending.createdAt > PENDING_MS) throw unknownHashError();
  return pending;
}

/** 466: nobody asked for this hash, or too long ago. */
export function unknownHashError() {
  return businessError(466, "ERR-01-006", "Compose hash is invalid or has expired", {
    suggestions: ["Send the update again without hashes, and register the hash that it answers"],
  });
}

/** Starts the operation that puts a change in place. */
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

async function prepareCommit(
  world: World,
  workspace: Workspace,
  cvm: Cvm,
  composeHash: string,
): Promise<PreparedCommit> {
  const token = world.tokens.issue({
    workspaceKey: workspace.key,
    cvmId: cvm.id,
    composeHash,
    createdAt: world.clock.now(),
  });
  const apiCommitUrl = `${world.origin}/api/v1/cvms/${cvm.id}/commit-update`;
  const chain = findChain(world, cvm.kms);
  const app = await chain?.findApp(cvm.appId);
  const hashAllowed = (await chain?.isComposeHashAllowed(cvm.appId, composeHash)) ?? false;
  const listed = (await chain?.isDeviceListed(cvm.appId, cvm.node.deviceId)) ?? false;
  const deviceAllowed = app?.allowAnyDevice === true || listed;
  return {
    token,
    commitUrl: `${apiCommitUrl}?token=${token}`,
    apiCommitUrl,
    status: {
      compose_hash_allowed: hashAllowed,
      device_id_allowed: deviceAllowed,
      is_allowed: hashAllowed && deviceAllowed,
    },
  };
}

function transactionError(check: Exclude<TransactionCheck, "verified">) {
  const reasons = {
    "not-found": "Transaction not found",
    reverted: "Transaction reverted",
    "wrong-event": "Transaction has no ComposeHashAdded event of this app and hash",
  };
  return businessError(467, "ERR-01-007", reasons[check], {
    suggestions: [
      "Wait for a confirmation and repeat the request",
      `Send '${ALREADY_REGISTERED}' as the transaction hash when the contract allows the hash already`,
    ],
  });
}
