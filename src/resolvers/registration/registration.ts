import type { Context } from "../../context.ts";
import { createSafeBatch, type SafeBatch } from "../../crypto/safe-batch.ts";
import type { TransactionRequest } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { fetchChangeFlags } from "../cvm/change-flags.ts";
import { combineDeviceFlags, fetchContractFlags, isDeviceInContract } from "../cvm/contract-flags.ts";
import { createDeviceTransaction } from "./transaction.ts";

/** Length of a device id in hex. */
const DEVICE_LENGTH = 64;

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

type Device = { readonly allowed: boolean | null; readonly deviceId: string | null };

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
  const device = await findDevice(ctx, registration, transaction);
  if (device.allowed) return [];
  const missing = findMissing(device);
  return missing === null ? null : [createDeviceTransaction(transaction.chainId, transaction.to, missing)];
}

/** Return the device that the contract does not allow. @returns null if it is allowed, or unknown */
function findMissing({ allowed, deviceId }: Device): string | null {
  return allowed === false && deviceId?.length === DEVICE_LENGTH ? deviceId : null;
}

/**
 * Find the device that will run the hash, and whether the contract allows it. The contract answers where
 * `CHAIN_RPC_URLS` has its chain, otherwise the REST API does. A lean answer does not name the device.
 */
async function findDevice(
  ctx: Context,
  { cvmRef, composeHash, deviceId, onChainStatus }: Registration,
  { chainId, to }: TransactionRequest,
): Promise<Device> {
  const reported = onChainStatus?.deviceIdAllowed ?? null;
  if (deviceId?.length !== DEVICE_LENGTH) {
    const flags = await fetchChangeFlags(ctx, cvmRef, composeHash);
    return { allowed: flags.deviceAllowed ?? reported, deviceId: flags.deviceId };
  }
  const contract = ctx.loaders.appContract({ chainId, appContractAddress: to });
  const read = contract === null ? null : await isDeviceInContract(contract, deviceId);
  const known = read ?? reported;
  if (known !== null) return { allowed: known, deviceId };
  return { allowed: combineDeviceFlags(await fetchContractFlags(ctx, cvmRef, composeHash)), deviceId };
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
  const missing = findMissing(await findDevice(ctx, registration, transaction));
  const { chainId, to } = transaction;
  const { composeHash } = registration;
  return createSafeBatch({
    chainId,
    name: `CVM update ${composeHash.slice(0, 8)}`,
    description: `Lets the app ${to} boot with the compose hash 0x${composeHash}.`,
    createdAt: Date.now(),
    calls: [
      ...(missing === null
        ? []
        : [{ to, method: "addDevice", argument: "deviceId", word: `0x${missing}` } as const]),
      { to, method: "addComposeHash", argument: "composeHash", word: `0x${composeHash}` },
    ],
  });
}
