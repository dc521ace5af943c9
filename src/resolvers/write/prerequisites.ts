import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import type { Context } from "../../context.ts";
import { encodeAddDevice } from "../../crypto/app-contract.ts";
import { createSafeBatch, type SafeBatch } from "../../crypto/safe-batch.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { combineDeviceFlags, readContractFlags } from "../cvm/contract-flags.ts";
import type { TransactionRequest } from "./write-result.ts";

/** A compose hash that has to be registered, and what is known of the device that will run it. */
export type Registration = {
  readonly cvmRef: CvmRef;
  /** Bare hex, 32 bytes. */
  readonly composeHash: string;
  /** Bare hex; null where the REST API does not name it. */
  readonly deviceId: string | null;
  /** What the REST API told along with the hash. */
  readonly onChainStatus?: { readonly deviceIdAllowed: boolean | null } | null;
};

/**
 * Lists what has to be sent before the hash is registered: `addDevice(bytes32)` where the contract does not
 * allow the device yet. An update of such a CVM is accepted all the same, and then gets no keys at boot.
 *
 * @param transaction - the one that registers the hash
 * @returns empty where the device is known to be allowed, null where that cannot be known.
 */
export async function listPrerequisites(
  ctx: Context,
  registration: Registration,
  transaction: TransactionRequest,
): Promise<readonly TransactionRequest[] | null> {
  const allowed = await isDeviceAllowed(ctx, registration);
  if (allowed) return [];
  const { deviceId } = registration;
  if (allowed === null || deviceId?.length !== 64) return null;
  return [{ ...transaction, data: `0x${bytesToHex(encodeAddDevice(hexToBytes(deviceId)))}` }];
}

async function isDeviceAllowed(
  ctx: Context,
  { cvmRef, composeHash, onChainStatus }: Registration,
): Promise<boolean | null> {
  const told = onChainStatus?.deviceIdAllowed ?? null;
  return told ?? combineDeviceFlags(await readContractFlags(ctx, cvmRef, composeHash));
}

/**
 * The registration, with its prerequisites before it, as a file for Safe's Transaction Builder. Where it
 * cannot be known whether the device is allowed, the file registers the hash alone.
 */
export async function buildSafeTransaction(
  ctx: Context,
  registration: Registration,
  transaction: TransactionRequest,
): Promise<SafeBatch> {
  const prerequisites = (await listPrerequisites(ctx, registration, transaction)) ?? [];
  const { chainId, to, data } = transaction;
  const { composeHash, deviceId } = registration;
  return createSafeBatch({
    chainId,
    name: `CVM update ${composeHash.slice(0, 8)}`,
    description: `Lets the app ${to} boot with the compose hash 0x${composeHash}.`,
    createdAt: Date.now(),
    calls: [
      ...prerequisites.map((request) => ({
        to,
        data: request.data,
        method: "addDevice",
        argument: "deviceId",
        word: `0x${deviceId}`,
      })),
      { to, data, method: "addComposeHash", argument: "composeHash", word: `0x${composeHash}` },
    ],
  });
}
