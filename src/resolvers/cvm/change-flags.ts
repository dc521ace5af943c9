import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { combineDeviceFlags, isDeviceInContract } from "./contract-flags.ts";

/** What the app contract allows for one change of a CVM. A flag is null if it is not known. */
export type ChangeFlags = {
  readonly hashAllowed: boolean | null;
  readonly deviceAllowed: boolean | null;
  /** Device of the CVM, bare hex. */
  readonly deviceId: string | null;
  readonly appContractAddress: string | null;
};

/** Await a read that only a refusal needs. @returns null if it failed while the request continues */
export async function orUnknown<T>(read: Promise<T>): Promise<T | null> {
  try {
    return await read;
  } catch (error) {
    if (error instanceof GatewayError && error.code !== "CANCELLED") return null;
    throw error;
  }
}

/**
 * Fetch what the app contract of a CVM allows, for a check before a write.
 *
 * The contract itself answers where `CHAIN_RPC_URLS` has its chain. What it cannot answer, the REST API does. A
 * node has several device ids, of which the CVM reports one. So before a device counts as not allowed, the REST API
 * is asked which device it means.
 *
 * Costs one upstream call; with a configured chain up to two.
 *
 * @param composeHash - 32 bytes, bare hex
 */
export async function fetchChangeFlags(ctx: Context, ref: CvmRef, composeHash: string): Promise<ChangeFlags> {
  const read = ctx.chains.list().length === 0 ? null : await readContract(ctx, ref, composeHash);
  if (read?.hashAllowed != null && read.deviceAllowed === true) return read;
  const reported = await fetchReported(ctx, ref, composeHash);
  if (read === null) return reported;
  return {
    ...read,
    hashAllowed: read.hashAllowed ?? reported.hashAllowed,
    ...(await chooseDevice(read, reported)),
  };
}

/** The contract as the chain shows it, and the check of another device. */
type ReadFlags = ChangeFlags & { readonly checkDevice: (deviceId: string) => Promise<boolean | null> };

/** Read the contract of a CVM. @returns null if its chain has no URL, or the contract is not known */
async function readContract(ctx: Context, ref: CvmRef, composeHash: string): Promise<ReadFlags | null> {
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  const contract = cvm === null ? null : ctx.loaders.appContract(cvm.kms);
  if (cvm === null || contract === null) return null;
  const deviceId = cvm.node?.deviceId ?? null;
  const [hashAllowed, deviceAllowed] = await Promise.all([
    contract.fetchHashAllowed(composeHash),
    isDeviceInContract(contract, deviceId),
  ]);
  const { appContractAddress } = cvm.kms;
  const checkDevice = (id: string) => isDeviceInContract(contract, id);
  return { hashAllowed, deviceAllowed, deviceId, appContractAddress, checkDevice };
}

async function fetchReported(ctx: Context, ref: CvmRef, composeHash: string): Promise<ChangeFlags> {
  const flags = await orUnknown(ctx.loaders.isAllowed(ref, composeHash));
  if (flags === null) {
    return { hashAllowed: null, deviceAllowed: null, deviceId: null, appContractAddress: null };
  }
  const deviceAllowed = combineDeviceFlags(flags);
  // Where only the two together are reported, a device that is not known to be denied leaves the hash.
  const together = flags.isAllowed === false && deviceAllowed === false ? null : flags.isAllowed;
  return {
    hashAllowed: flags.composeHashAllowed ?? together,
    deviceAllowed,
    deviceId: flags.deviceId,
    appContractAddress: flags.appContractAddress,
  };
}

/** Choose between the device that the CVM reports and the one that the REST API checks. */
async function chooseDevice(
  { deviceAllowed, deviceId, checkDevice }: ReadFlags,
  reported: ChangeFlags,
): Promise<Pick<ChangeFlags, "deviceAllowed" | "deviceId">> {
  if (deviceAllowed === true) return { deviceAllowed, deviceId };
  const other = reported.deviceId !== null && reported.deviceId !== deviceId ? reported.deviceId : null;
  if (other !== null) {
    return { deviceAllowed: (await checkDevice(other)) ?? reported.deviceAllowed, deviceId: other };
  }
  return { deviceAllowed: deviceAllowed ?? reported.deviceAllowed, deviceId };
}
