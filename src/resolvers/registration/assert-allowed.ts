import type { Context } from "../../context.ts";
import { GatewayError, type TransactionRequest } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { type ChangeFlags, fetchChangeFlags, orUnknown } from "../cvm/change-flags.ts";
import { createDeviceTransaction, createTransaction } from "./transaction.ts";

/** What the app contract is known not to allow. */
type Denied = { readonly hash: boolean; readonly device: boolean };

const NEXT =
  "Nothing was sent. Send extensions.prerequisites from the contract's owner and wait for the receipts. Then send the same request again.";

const DEVICE_DENIED = `The app contract does not allow the device of this CVM, so the CVM would get no keys when it boots. ${NEXT}`;
const HASH_DENIED = `The app contract does not allow this compose hash yet, so the CVM would stop and not boot again. ${NEXT}`;

/**
 * Assert that the app contract is not known to forbid the device of a CVM. Every second phase makes this check: the
 * REST API applies the change without it, and the CVM then gets no keys when it boots. If the answer is unknown, the
 * REST API decides. The hash is left to the REST API, which refuses an unregistered one itself.
 *
 * Costs the calls of `fetchChangeFlags`, and one more before the refusal.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertDeviceAllowed(ctx: Context, ref: CvmRef, composeHash: string): Promise<void> {
  const flags = await fetchChangeFlags(ctx, ref, composeHash);
  if (flags.deviceAllowed !== false) return;
  throw await createDenied(ctx, ref, composeHash, flags, { hash: false, device: true });
}

/**
 * The same for a commit token and the name of a CVM. The token decides which CVM it is, and the caller's credential
 * may know another one by this name. So the flags count only if the contract has the hash of the change.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertNamedDeviceAllowed(
  ctx: Context,
  name: CvmRef,
  composeHash: string,
): Promise<void> {
  const flags = await fetchChangeFlags(ctx, name, composeHash);
  if (flags.hashAllowed) await assertDeviceAllowed(ctx, name, composeHash);
}

/**
 * Assert that the app contract is not known to forbid a compose hash or the device. The REST API commits a
 * provisioned app-compose without looking at the contract: it stops the CVM, which then does not boot. Costs one
 * upstream call, and those of `fetchChangeFlags` with an on-chain KMS.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertBootAllowed(ctx: Context, ref: CvmRef, composeHash: string): Promise<void> {
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  if (cvm?.kms.requiresOnChainHash === false) return;
  const flags = await fetchChangeFlags(ctx, ref, composeHash);
  const denied = { hash: flags.hashAllowed === false, device: flags.deviceAllowed === false };
  if (denied.hash || denied.device) throw await createDenied(ctx, ref, composeHash, flags, denied);
}

async function createDenied(
  ctx: Context,
  ref: CvmRef,
  composeHash: string,
  flags: ChangeFlags,
  denied: Denied,
): Promise<GatewayError> {
  const prerequisites = await listMissing(ctx, ref, composeHash, flags, denied);
  // The next attempt of this request asks the contract anew.
  ctx.loaders.forgetContract();
  return new GatewayError(
    "HASH_NOT_ALLOWED",
    denied.hash ? HASH_DENIED : DEVICE_DENIED,
    prerequisites === null ? {} : { prerequisites },
  );
}

/** List the transactions that are missing. @returns null if the chain, the contract or the device is unknown */
async function listMissing(
  ctx: Context,
  ref: CvmRef,
  composeHash: string,
  flags: ChangeFlags,
  denied: Denied,
): Promise<readonly TransactionRequest[] | null> {
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  const chainId = cvm?.kms.chainId ?? null;
  const contract = flags.appContractAddress ?? cvm?.kms.appContractAddress ?? null;
  const deviceId = flags.deviceId ?? cvm?.node?.deviceId;
  if (chainId === null || contract === null) return null;
  if (denied.device && deviceId?.length !== 64) return null;
  return [
    ...(denied.device && deviceId ? [createDeviceTransaction(chainId, contract, deviceId)] : []),
    ...(denied.hash ? [createTransaction(chainId, contract.slice(2), composeHash)] : []),
  ];
}
