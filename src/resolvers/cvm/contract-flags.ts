import type { Context } from "../../context.ts";
import { contractUnknownAfter, hasCode } from "../../errors.ts";
import type { AppContract } from "../../upstream/chain/app-contract.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { IsAllowed } from "../../upstream/resources/is-allowed.ts";

const unknownFlags = { composeHashAllowed: null, allowAnyDevice: null, deviceIdAllowed: null } as const;

/** What an app contract allows: a compose hash and the CVM's device. Null if it is not known. */
export type ContractFlags = Pick<IsAllowed, "composeHashAllowed" | "allowAnyDevice" | "deviceIdAllowed">;

async function orElse<Result, Fallback>(
  request: Promise<Result>,
  fallback: Fallback,
): Promise<Result | Fallback> {
  try {
    return await request;
  } catch (error) {
    if (hasCode(error, contractUnknownAfter)) return fallback;
    throw error;
  }
}

/** Fetch what the app contract allows for a compose hash (bare hex). One upstream call per request and hash. */
export function fetchContractFlags(ctx: Context, ref: CvmRef, composeHash: string): Promise<ContractFlags> {
  return orElse(ctx.loaders.isAllowed(ref, composeHash), unknownFlags);
}

/** Whether the contract allows the device, either by name or because it allows every device. */
export function combineDeviceFlags({ allowAnyDevice, deviceIdAllowed }: ContractFlags): boolean | null {
  if (allowAnyDevice || deviceIdAllowed) return true;
  return allowAnyDevice === false && deviceIdAllowed === false ? false : null;
}

/** Find the app contract of a CVM. @returns null if its KMS is not on chain. */
export function findAppContract(cvm: Cvm): Cvm | null {
  return cvm.kms.requiresOnChainHash ? cvm : null;
}

/** Fetch the owner of the contract from the chain. @returns null if the chain has no URL or cannot be asked */
export async function fetchContractOwner(ctx: Context, cvm: Cvm): Promise<string | null> {
  return (await ctx.loaders.appContract(cvm.kms)?.fetchOwner()) ?? null;
}

/** Whether the CVM's present compose hash is allowed. */
export async function isComposeHashAllowed(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  if (cvm.composeHash === null) return null;
  const contract = ctx.loaders.appContract(cvm.kms);
  if (contract !== null) return contract.fetchHashAllowed(cvm.composeHash);
  return (await fetchContractFlags(ctx, cvm.id, cvm.composeHash)).composeHashAllowed;
}

/** Whether the contract allows every device. */
export async function allowsAnyDevice(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  const contract = ctx.loaders.appContract(cvm.kms);
  if (contract !== null) return contract.fetchAnyDeviceAllowed();
  return (await fetchDeviceFlags(ctx, cvm)).allowAnyDevice;
}

/** Whether the contract allows the CVM's own device. */
export async function isOwnDeviceAllowed(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  const contract = ctx.loaders.appContract(cvm.kms);
  if (contract !== null) return isDeviceInContract(contract, cvm.node?.deviceId ?? null);
  return combineDeviceFlags(await fetchDeviceFlags(ctx, cvm));
}

/** Whether the contract allows a device (bare hex), as the chain shows it. Without a device, only whether it allows all. */
export async function isDeviceInContract(
  contract: AppContract,
  deviceId: string | null,
): Promise<boolean | null> {
  const [allowAnyDevice, deviceIdAllowed] = await Promise.all([
    contract.fetchAnyDeviceAllowed(),
    deviceId === null ? null : contract.fetchDeviceAllowed(deviceId),
  ]);
  return combineDeviceFlags({ composeHashAllowed: null, allowAnyDevice, deviceIdAllowed });
}

/** Fetch the device flags from the REST API. If the check of the compose hash does not report them, the list of devices does. */
async function fetchDeviceFlags(ctx: Context, cvm: Cvm): Promise<ContractFlags> {
  const flags =
    cvm.composeHash === null ? unknownFlags : await fetchContractFlags(ctx, cvm.id, cvm.composeHash);
  if (combineDeviceFlags(flags) !== null && flags.allowAnyDevice !== null) return flags;
  if (cvm.appId === null) return flags;
  const list = await orElse(ctx.loaders.deviceAllowlist(cvm.appId), null);
  const device = list?.devices.find(({ deviceId }) => deviceId === cvm.node?.deviceId);
  return {
    ...flags,
    allowAnyDevice: flags.allowAnyDevice ?? list?.allowAnyDevice ?? null,
    deviceIdAllowed: flags.deviceIdAllowed ?? device?.allowed ?? null,
  };
}
