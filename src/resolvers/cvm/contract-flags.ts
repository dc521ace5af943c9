import type { Context } from "../../context.ts";
import { contractUnknownAfter, hasCode } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { IsAllowed } from "../../upstream/resources/is-allowed.ts";

const unknownFlags = { composeHashAllowed: null, allowAnyDevice: null, deviceIdAllowed: null } as const;

/** What an app contract says of a compose hash and of the CVM's device; null where that is not known. */
export type ContractFlags = Pick<IsAllowed, "composeHashAllowed" | "allowAnyDevice" | "deviceIdAllowed">;

async function orElse<Result, Fallback>(
  read: Promise<Result>,
  fallback: Fallback,
): Promise<Result | Fallback> {
  try {
    return await read;
  } catch (error) {
    if (hasCode(error, contractUnknownAfter)) return fallback;
    throw error;
  }
}

/** Asks what the app contract says of a compose hash, bare hex. Costs one upstream call in a request. */
export function readContractFlags(ctx: Context, ref: CvmRef, composeHash: string): Promise<ContractFlags> {
  return orElse(ctx.loaders.isAllowed(ref, composeHash), unknownFlags);
}

/** Whether the device may run the app: on its own, or since every device may. */
export function combineDeviceFlags({ allowAnyDevice, deviceIdAllowed }: ContractFlags): boolean | null {
  if (allowAnyDevice || deviceIdAllowed) return true;
  return allowAnyDevice === false && deviceIdAllowed === false ? false : null;
}

/** The app contract of a CVM; null where no contract decides. Costs no call. */
export function findAppContract(cvm: Cvm): Cvm | null {
  return cvm.kms.requiresOnChainHash ? cvm : null;
}

/** Whether the compose hash that the CVM has now is allowed. */
export async function isComposeHashAllowed(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  if (cvm.composeHash === null) return null;
  return (await readContractFlags(ctx, cvm.id, cvm.composeHash)).composeHashAllowed;
}

/** Whether the contract lets every device run the app. */
export async function allowsAnyDevice(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  return (await readDeviceFlags(ctx, cvm)).allowAnyDevice;
}

/** Whether the contract lets the CVM's own device run the app. */
export async function isOwnDeviceAllowed(ctx: Context, cvm: Cvm): Promise<boolean | null> {
  return combineDeviceFlags(await readDeviceFlags(ctx, cvm));
}

/** Takes from the app's device list what the answer on the CVM leaves open. */
async function readDeviceFlags(ctx: Context, cvm: Cvm): Promise<ContractFlags> {
  const flags =
    cvm.composeHash === null ? unknownFlags : await readContractFlags(ctx, cvm.id, cvm.composeHash);
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
