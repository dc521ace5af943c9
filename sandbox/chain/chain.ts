import { StartupError } from "../../src/errors.ts";

/** What an app contract says. */
export type AppContractState = {
  /** `0x` and 40 hex digits. */
  readonly owner: string;
  readonly allowAnyDevice: boolean;
};

/** Thrown when a chain cannot be asked. Says nothing about what it would have answered. */
export class ChainError extends StartupError {
  override readonly name = "ChainError";
}

/** Whether a transaction registered a compose hash: `verified`, or why it does not count. */
export type TransactionCheck = "verified" | "not-found" | "reverted" | "wrong-event";

/**
 * What the API and the guest ask a chain. Asynchronous, so that a node's JSON-RPC endpoint can stand here
 * instead of the sandbox's ledger; any question may then end in a {@link ChainError}. App ids, hashes and device ids are bare lower-case hex.
 */
export type Chain = {
  readonly chainId: number;
  /** The contract of an app; null when there is none at that address. */
  findApp(appId: string): Promise<AppContractState | null>;
  isComposeHashAllowed(appId: string, composeHash: string): Promise<boolean>;
  /** The device's own entry; `allowAnyDevice` is not looked at. */
  isDeviceListed(appId: string, deviceId: string): Promise<boolean>;
  /** The app's own device ids, in the order in which they were first allowed. */
  listDevices(appId: string): Promise<readonly string[]>;
  /** Looks for the event `ComposeHashAdded(composeHash)` of the app's contract in the transaction. */
  verifyComposeHashAdded(appId: string, composeHash: string, txHash: string): Promise<TransactionCheck>;
};
