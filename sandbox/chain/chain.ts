import { StartupError } from "../../src/errors.ts";

/** State of an app contract. */
export type AppContractState = {
  /** `0x` and 40 hex digits. */
  readonly owner: string;
  readonly allowAnyDevice: boolean;
};

/** Error of a chain that cannot be reached. The state of the chain is unknown. */
export class ChainError extends StartupError {
  override readonly name = "ChainError";
}

/** What the KMS tells the contract of an app about a CVM that boots. Bare lower-case hex. */
export type BootInfo = {
  readonly appId: string;
  readonly composeHash: string;
  /** Empty before the first boot. */
  readonly instanceId: string;
  readonly deviceId: string;
  readonly osImageHash: string;
};

/** Reasons that the published contract gives. */
export const BOOT_PROBLEMS = {
  noContract: "app contract not found",
  composeHash: "Compose hash not allowed",
  device: "Device not allowed",
} as const;

/** Find the reason of the published contract from its state, for a contract that cannot be asked. */
export async function deriveBootProblem(
  chain: Omit<Chain, "findBootProblem">,
  { appId, composeHash, deviceId }: BootInfo,
): Promise<string | null> {
  const app = await chain.findApp(appId);
  if (app === null) return BOOT_PROBLEMS.noContract;
  if (!(await chain.isComposeHashAllowed(appId, composeHash))) return BOOT_PROBLEMS.composeHash;
  if (!app.allowAnyDevice && !(await chain.isDeviceListed(appId, deviceId))) return BOOT_PROBLEMS.device;
  return null;
}

/** Whether a transaction registered a compose hash: `verified`, or the reason why not. */
export type TransactionCheck = "verified" | "not-found" | "reverted" | "wrong-event";

/**
 * Access to the app contracts of a chain, by the API and the guest. Implemented by the built-in ledger and by
 * a client of a real node, whose methods throw {@link ChainError} when the node does not answer. App ids,
 * hashes and device ids are bare lower-case hex.
 */
export type Chain = {
  readonly chainId: number;
  /** Find the contract of an app; null when there is none at its address. */
  findApp(appId: string): Promise<AppContractState | null>;
  isComposeHashAllowed(appId: string, composeHash: string): Promise<boolean>;
  /** Whether the allow-list contains the device. Ignores `allowAnyDevice`. */
  isDeviceListed(appId: string, deviceId: string): Promise<boolean>;
  /** List the allowed device ids of an app, in the order in which they were first allowed. */
  listDevices(appId: string): Promise<readonly string[]>;
  /**
   * Ask the contract of an app whether a CVM may boot.
   *
   * @returns the reason of the contract why not; null when it may
   */
  findBootProblem(boot: BootInfo): Promise<string | null>;
  /** Check that a transaction emitted `ComposeHashAdded(composeHash)` from the contract of the app. */
  verifyComposeHashAdded(appId: string, composeHash: string, txHash: string): Promise<TransactionCheck>;
};
