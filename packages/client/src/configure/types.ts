import type { Transaction } from "../error-types.ts";
import type { ConfigureCvmInput, EncryptedEnvInput } from "../generated/types.ts";
import type { OperationState } from "../live/follow.ts";
import type { ConfigureState } from "./state.ts";

/**
 * Change of one CVM, as `ConfigureCvmInput` of the API. `env` is the complete new environment: its variables, which
 * are sealed before they are sent, or the result of `sealEnv`.
 *
 * @example
 * ```ts
 * const change: ConfigureInput = { id: "web", vcpu: 4, env: [{ key: "TOKEN", value: token }] };
 * ```
 */
export type ConfigureInput = Omit<ConfigureCvmInput, "env" | "prepareOnly"> & {
  readonly env?:
    | readonly { readonly key: string; readonly value: string }[]
    | { readonly encrypted: EncryptedEnvInput }
    | null
    | undefined;
};

/**
 * What a transaction is for.
 *
 * @example
 * ```ts
 * const sign: SignTransaction = (transaction, { purpose }) => wallet.send(transaction, `Allow the ${purpose}`);
 * ```
 */
export type SignContext = {
  /** `device` for a prerequisite, `compose-hash` for the transaction that registers the change. */
  readonly purpose: "device" | "compose-hash";
  /** `cvm_…` id of the CVM. */
  readonly cvmId: string;
  /** Compose hash that is registered, 64 hex digits. Show it to the person who signs. */
  readonly composeHash: string;
  readonly signal: AbortSignal | undefined;
};

/**
 * Sends a transaction from the wallet of the app's owner and resolves with its hash: `0x` and 64 hex digits. Rejects
 * if the owner refuses; `configure` then rejects with the same error.
 *
 * @example
 * ```ts
 * const sign: SignTransaction = async ({ chainId, ...request }) => {
 *   await ethereum.request({ method: "wallet_switchEthereumChain", params: [{ chainId: `0x${chainId.toString(16)}` }] });
 *   return ethereum.request({ method: "eth_sendTransaction", params: [{ from: account, ...request }] });
 * };
 * ```
 */
export type SignTransaction = (transaction: Transaction, context: SignContext) => Promise<string> | string;

/**
 * How far a change is.
 *
 * | stage | meaning |
 * |---|---|
 * | `preparing` | The CVM is read, and the environment is sealed. |
 * | `sending` | The change is sent. |
 * | `resolving` | An answer was lost. The CVM is read to find out whether the change was applied. |
 * | `signing` | `sign` is called with `transaction`. |
 * | `confirming` | The registered hash is confirmed. |
 * | `following` | The change is being applied. `operation` is its present state. |
 *
 * @example
 * ```ts
 * const onProgress = ({ stage, operation }: ConfigureProgress) => show(stage, operation?.percent ?? 0);
 * ```
 */
export type ConfigureProgress = {
  readonly stage: "preparing" | "sending" | "resolving" | "signing" | "confirming" | "following";
  /** With `signing`: the transaction. */
  readonly transaction: Transaction | null;
  /** With `following`: the operation. */
  readonly operation: OperationState | null;
};

/**
 * Options of `resume`, and of `configure`.
 *
 * @example
 * ```ts
 * const options: ResumeOptions = { sign, onPrepared: (state) => storage.set("change", JSON.stringify(state)) };
 * ```
 */
export type ResumeOptions = {
  /** Needed if a compose hash has to be registered on chain. Without it, such a change fails with `SIGNATURE_REQUIRED`. */
  readonly sign?: SignTransaction | undefined;
  readonly onProgress?: ((progress: ConfigureProgress) => void) | undefined;
  /**
   * Receives what `resume` needs, as an object that can be stored as JSON. It is called before anything is sent, and
   * again after each step. Replace what was stored before. Nothing is sent until the promise resolves. The state holds
   * no value of the environment in plain text.
   */
  readonly onPrepared?: ((state: ConfigureState) => void | Promise<void>) | undefined;
  /** Ends the call with the reason of the signal. What was sent continues: `resume` finds out how it ends. */
  readonly signal?: AbortSignal | undefined;
  /** How long the gateway may be out of reach, in milliseconds. 10 minutes by default. */
  readonly maxOfflineMs?: number | undefined;
  /** How long a registered hash is confirmed again while the chain does not show it, in milliseconds. 15 minutes by default. */
  readonly maxConfirmMs?: number | undefined;
  /** After a lost answer: how long the CVM must show no trace of a change that counts as not applied. 20 s by default. */
  readonly settleMs?: number | undefined;
};

/**
 * Options of `configure`.
 *
 * @example
 * ```ts
 * const options: ConfigureOptions = { trustedRootKeys: ["02…"], onProgress, signal: controller.signal };
 * ```
 */
export type ConfigureOptions = ResumeOptions & {
  /** Identifies the change: 1 to 248 characters. Random by default. The same key and input return the first outcome. */
  readonly idempotencyKey?: string | undefined;
  /**
   * How long one confirmation of a registered hash waits for the chain, 0 to 60 seconds. 15 by default. The
   * confirmation is repeated all the same until `maxConfirmMs` is over.
   */
  readonly waitForTransactionSeconds?: number | undefined;
  /** KMS root keys that may sign the key to seal to, as hex. Ship them with your app. Default: those of the client. */
  readonly trustedRootKeys?: readonly string[] | undefined;
  /** App id that the CVM must have, as hex. Without it, the one that the gateway reports is used. */
  readonly appId?: string | undefined;
  /**
   * Whether to seal to a key that cannot be verified: the KMS signs none (KMS `phala`), or no root key is trusted.
   * You then trust the gateway and Phala Cloud to return the right key. A key with a wrong signature is never used.
   */
  readonly allowUnverifiedKey?: boolean | undefined;
};

/**
 * Result of a change: its final operation. `correlationId` is null if no operation ran: the CVM has the
 * configuration already (`NO_CHANGE`), or the REST API names no operation.
 *
 * @example
 * ```ts
 * const { status }: ConfigureResult = await client.configure({ id: "web", vcpu: 4 });
 * if (status === "NO_CHANGE") show("The CVM has this configuration already.");
 * ```
 */
export type ConfigureResult =
  | (Omit<OperationState, "status"> & { readonly status: "COMPLETED"; readonly cvmId: string })
  | {
      readonly status: "COMPLETED" | "NO_CHANGE";
      readonly cvmId: string;
      readonly correlationId: null;
      readonly percent: 100;
    };
