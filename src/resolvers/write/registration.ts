import type { Context } from "../../context.ts";
import { createSafeBatch, type SafeBatch } from "../../crypto/safe-batch.ts";
import type { TransactionRequest } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { combineDeviceFlags, fetchContractFlags, isDeviceInContract } from "../cvm/contract-flags.ts";
import { createDeviceTransaction } from "./transaction.ts";

/** A compose hash to register on chain, and the device that will run it. */
export type Registration = {
  readonly cvmRef: CvmRef;
  /** 32 bytes, bare hex. */
  readonly composeHash: string;
  /** Bare hex; null if the REST API does not name it. */
  readonly deviceId: string | null;
  /** What the REST API reported together with the hash. */
  readonly onChainStatus?: { readonly deviceIdAllowed: boolean | null } | null;
};

/**
 * List the transactions to send before the one that registers the hash: `addDevice(bytes32)` if the contract
 * does not allow the device yet. Without it the REST API accepts the change, but the CVM gets no keys at boot.
 *
 * @param transaction - the transaction that registers the hash
 * @returns an empty list if the device is allowed, null if that is unknown
 */
export async function listPrerequisites(
  ctx: Context,
  registration: Registration,
  transaction: TransactionRequest,
): Promise<readonly TransactionRequest[] | null> {
  const allowed = await isDeviceAllowed(ctx, registration, transaction);
  if (allowed) return [];
  const { deviceId } = registration;
  if (allowed === null || deviceId?.length !== 64) return null;
  return [createDeviceTransaction(transaction.chainId, transaction.to, deviceId)];
}

/** Ask the contract where `CHAIN_RPC_URLS` has its chain, otherwise the REST API. */
async function isDeviceAllowed(
  ctx: Context,
  { cvmRef, composeHash, deviceId, onChainStatus }: Registration,
  { chainId, to }: TransactionRequest,
): Promise<boolean | null> {
  const contract = ctx.loaders.appContract({ chainId, appContractAddress: to });
  const read = contract === null ? null : await isDeviceInContract(contract, deviceId);
  if (read !== null) return read;
  const reported = onChainStatus?.deviceIdAllowed ?? null;
  return reported ?? combineDeviceFlags(await fetchContractFlags(ctx, cvmRef, composeHash));
}

/**
 * Build the file that the Transaction Builder of a Safe imports: the prerequisites, then the registration. If
 * it is unknown whether the device is allowed, the file only registers the hash.
 */
export async function buildSafeTransaction(
  ctx: Context,
  registration: Registration,
  transaction: TransactionRequest,
): Promise<SafeBatch> {
  const prerequisites = (await listPrerequisites(ctx, registration, transaction)) ?? [];
  const { chainId, to } = transaction;
  const { composeHash, deviceId } = registration;
  return createSafeBatch({
    chainId,
    name: `CVM update ${composeHash.slice(0, 8)}`,
    description: `Lets the app ${to} boot with the compose hash 0x${composeHash}.`,
    createdAt: Date.now(),
    calls: [
      ...prerequisites.map(() => ({
        to,
        method: "addDevice",
        argument: "deviceId",
        word: `0x${deviceId}`,
      })),
      { to, method: "addComposeHash", argument: "composeHash", word: `0x${composeHash}` },
    ],
  });
}
