import type { Context } from "../../context.ts";
import { GatewayError, type TransactionRequest } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { createLoaders } from "../../upstream/loaders.ts";
import type { IsAllowed } from "../../upstream/resources/is-allowed.ts";
import { combineDeviceFlags } from "../cvm/contract-flags.ts";
import { createDeviceTransaction, createTransaction } from "./transaction.ts";

/** What the app contract is known not to allow. */
type Denied = { readonly hash: boolean; readonly device: boolean };

const NEXT =
  "Nothing was sent. Send extensions.prerequisites from the contract's owner and wait for the receipts. Then send the same request again.";

const DEVICE_DENIED = `The app contract does not allow the device of this CVM, so the CVM would get no keys when it boots. ${NEXT}`;
const HASH_DENIED = `The app contract does not allow this compose hash yet, so the CVM would stop and not boot again. ${NEXT}`;

/**
 * Assert that the app contract is not known to forbid the device of a CVM. The REST API applies a change without
 * this check, and the CVM then gets no keys when it boots. If the answer is unknown, the REST API decides. Costs
 * one upstream call, and one more before the refusal.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertDeviceAllowed(ctx: Context, ref: CvmRef, composeHash: string): Promise<void> {
  const flags = await fetchFlags(ctx, ref, composeHash);
  if (flags === null || combineDeviceFlags(flags) !== false) return;
  throw await createDenied(ctx, ref, composeHash, flags, { hash: false, device: true });
}

/**
 * The same for a prepared change. Its commit token names the CVM, and the caller's credential may know another
 * one by this name. So the flags count only if the contract has the hash of the change.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertPreparedDevice(ctx: Context, ref: CvmRef, composeHash: string): Promise<void> {
  const flags = await fetchFlags(ctx, ref, composeHash);
  if (flags?.composeHashAllowed) await assertDeviceAllowed(ctx, ref, composeHash);
}

/**
 * Assert that the app contract is not known to forbid a compose hash or the device. The REST API commits a
 * provisioned app-compose without looking at the contract: it stops the CVM, which then does not boot. Costs one
 * upstream call, and one more with an on-chain KMS.
 *
 * @throws {GatewayError} `HASH_NOT_ALLOWED` with the transactions to send first
 */
export async function assertBootAllowed(ctx: Context, ref: CvmRef, composeHash: string): Promise<void> {
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  if (cvm?.kms.requiresOnChainHash === false) return;
  const flags = await fetchFlags(ctx, ref, composeHash);
  if (flags === null) return;
  const device = combineDeviceFlags(flags) === false;
  const undecided = flags.composeHashAllowed === null && flags.isAllowed === false && !device;
  const hash = flags.composeHashAllowed === false || undecided;
  if (hash || device) throw await createDenied(ctx, ref, composeHash, flags, { hash, device });
}

function fetchFlags(ctx: Context, ref: CvmRef, composeHash: string): Promise<IsAllowed | null> {
  return orUnknown(ctx.loaders.isAllowed(ref, composeHash));
}

/** Await a read that only a refusal needs. @returns null if it failed while the request continues */
async function orUnknown<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof GatewayError && error.code !== "CANCELLED") return null;
    throw error;
  }
}

async function createDenied(
  ctx: Context,
  ref: CvmRef,
  composeHash: string,
  flags: IsAllowed,
  denied: Denied,
): Promise<GatewayError> {
  const prerequisites = await listMissing(ctx, ref, composeHash, flags, denied);
  // The next attempt of this request asks the contract anew.
  ctx.loaders = { ...ctx.loaders, isAllowed: createLoaders(ctx.upstream, ctx.chains).isAllowed };
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
  flags: IsAllowed,
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
