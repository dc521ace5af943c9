import type { TransactionVerdict } from "../chain/chain.ts";
import { businessError, plainError } from "../http/api-error.ts";
import { bareHex } from "../identity.ts";
import type { Workspace } from "../workspace/workspace.ts";
import { findChain, type World } from "../world.ts";
import { forecastBoot } from "./boot.ts";
import type { Change } from "./change.ts";
import { hashRequired, type PreparedCommit } from "./on-chain-hash-required.ts";
import { isLocked, type Operation, settle, startOperation } from "./operation.ts";
import { planOfflineUpdate, planUpdate } from "./timeline.ts";
import { type Cvm, isOnChain, type PendingChange } from "./types.ts";

/** How long a change waits for its transaction, milliseconds: seven days. */
export const PENDING_MS = 7 * 24 * 3_600_000;

/** The literal that asks for a look at the contract's state alone, in the place of a transaction hash. */
const ALREADY_REGISTERED = "already-registered";

/** Changes of a CVM that wait at once; older ones make room. */
const MAX_PENDING = 100;

/** Which change is confirmed, and by which transaction. */
export type Proof = { readonly composeHash: string; readonly transactionHash: string };

/** The outcome of a write that was not refused: the operation that began, or null when nothing changes. */
export type Outcome = Operation | null;

/**
 * Refuses while another operation runs.
 *
 * @throws ApiError 409 without an error code, which means that it passes
 */
export function ensureUnlocked(world: World, cvm: Cvm): void {
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
): Promise<Outcome> {
  ensureUnlocked(world, cvm);
  if (!change.hasEffect) return null;
  if (!isOnChain(cvm) || !change.changesHash) return acceptChange(world, cvm, change);
  keepChange(cvm.pending, change, world.clock.now());
  const prepared = prepareOnly ? await prepareCommit(world, workspace, cvm, change.compose.hash) : null;
  throw hashRequired(cvm, change.compose.hash, prepared);
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
  ensureUnlocked(world, cvm);
  const composeHash = bareHex(proof.composeHash);
  const pending = findPending(world, cvm, composeHash);
  const chain = findChain(world, cvm.kms);
  if (chain === null) throw unknownHash();
  if (proof.transactionHash !== "" && proof.transactionHash !== ALREADY_REGISTERED) {
    const verdict = await chain.verifyComposeHashAdded(cvm.appId, composeHash, proof.transactionHash);
    if (verdict !== "verified") throw transactionNotVerified(verdict);
  }
  if (!(await chain.isComposeHashAllowed(cvm.appId, composeHash))) {
    throw businessError(468, "ERR-01-008", "The app contract does not allow this compose hash", {
      suggestions: ["Call addComposeHash(bytes32) on the app contract, whose address is the app id"],
    });
  }
  return pending;
}

/** @throws ApiError 466 */
export function findPending(world: World, cvm: Cvm, composeHash: string): PendingChange {
  const pending = cvm.pending.get(composeHash);
  if (pending === undefined || world.clock.now() - pending.createdAt > PENDING_MS) throw unknownHash();
  return pending;
}

/** 466: nobody asked for this hash, or too long ago. */
export function unknownHash() {
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
  const forecast = await forecastBoot(cvm, config, findChain(world, cvm.kms));
  ensureUnlocked(world, cvm);
  const now = world.clock.now();
  const isOff = settle(cvm, now).status === "stopped";
  return startOperation(
    cvm,
    {
      type: change.operationType,
      target: isOff ? "stopped" : "running",
      timeline: isOff ? planOfflineUpdate() : planUpdate(forecast.plan),
      failure: isOff ? null : forecast.failure,
      config,
      guestEnv: isOff ? null : forecast.guestEnv,
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
  const app = await chain?.readApp(cvm.appId);
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

function transactionNotVerified(verdict: Exclude<TransactionVerdict, "verified">) {
  const reasons = {
    "not-found": "Transaction not found",
    reverted: "Transaction reverted",
    "wrong-event": "Transaction has no ComposeHashAdded event of this app and hash",
  };
  return businessError(467, "ERR-01-007", reasons[verdict], {
    suggestions: [
      "Wait for a confirmation and repeat the request",
      `Send '${ALREADY_REGISTERED}' as the transaction hash when the contract allows the hash already`,
    ],
  });
}
