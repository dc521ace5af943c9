import {
  type ConfigureInput,
  type ConfigureProgress,
  type ConfigureResult,
  type ConfigureState,
  type CvmClient,
  CvmGatewayError,
  type SignTransaction,
  type Transaction,
} from "@cvm-gateway/client";
import { createKeyedStore, type KeyedStore } from "../app/keyed-store.ts";
import type { Draft } from "./draft.ts";
import { forgetChange, keepChange } from "./stored-change.ts";

/** Transaction that waits for the owner of the app. */
export type PendingSignature = {
  readonly transaction: Transaction;
  readonly purpose: "device" | "compose-hash";
  readonly composeHash: string;
  /** Continue with the hash of the transaction that was sent. */
  resolve(hash: string): void;
  /** End the change. Nothing was applied. */
  cancel(): void;
};

/** Change that runs, or that has ended and is still shown. */
export type Change = {
  readonly cvmId: string;
  /** What is changed, in words. */
  readonly labels: readonly string[];
  /** Price per hour before the change. */
  readonly priceBefore: string | null;
  readonly status: "running" | "completed" | "failed";
  readonly stage: ConfigureProgress["stage"];
  readonly operation: ConfigureProgress["operation"];
  readonly signature: PendingSignature | null;
  /** Whether the owner has to sign, now or before. */
  readonly isSigned: boolean;
  /** Stop to wait for the transaction. The change can go on later. */
  readonly stopWaiting: () => void;
  readonly result: ConfigureResult | null;
  readonly error: unknown;
  /** The input that was sent, so that it can be sent again after a refusal. */
  readonly input: ConfigureInput;
  /** What the person typed, to go back to it after a refusal. Null after the page was loaded again. */
  readonly draft: Draft | null;
};

/** What a person asks for. */
type ChangeRequest = Pick<Change, "cvmId" | "labels" | "priceBefore" | "input" | "draft">;

/** Runs changes, one for each CVM, whatever page is shown. */
export type ChangeStore = KeyedStore<Change> & {
  /** Send a change and follow it to its end. */
  start(request: ChangeRequest): void;
  /** Go on with a change that began before the page was loaded again. */
  resume(request: ChangeRequest, state: ConfigureState): void;
  /** Stop to show a change that has ended. */
  dismiss(cvmId: string): void;
  /** Stop following. What was sent continues at the gateway. */
  stop(): void;
};

/** The owner did not want to sign. */
export class SigningCancelledError extends Error {
  override readonly name = "SigningCancelledError";
}

/** Nobody waits for the transaction any more. It stays valid. */
export class WaitingStoppedError extends Error {
  override readonly name = "WaitingStoppedError";
}

/** Create a store of the changes that one client sends. */
export function createChangeStore(client: CvmClient): ChangeStore {
  const store = createKeyedStore<Change>();
  const controller = new AbortController();

  function update(cvmId: string, change: Partial<Change>): void {
    const present = store.get(cvmId);
    if (present !== null) store.set(cvmId, { ...present, ...change });
  }

  const createSign =
    (cvmId: string): SignTransaction =>
    (transaction, { purpose, composeHash }) =>
      new Promise((resolve, reject) => {
        const signature: PendingSignature = {
          transaction,
          purpose,
          composeHash,
          resolve(hash) {
            update(cvmId, { signature: null });
            resolve(hash);
          },
          cancel() {
            update(cvmId, { signature: null });
            reject(new SigningCancelledError("The transaction was not signed. Nothing was applied."));
          },
        };
        update(cvmId, { signature, isSigned: true });
      });

  async function run(request: ChangeRequest, state: ConfigureState | null): Promise<void> {
    const { cvmId, input, labels, priceBefore } = request;
    const waiting = new AbortController();
    store.set(cvmId, {
      ...request,
      status: "running",
      stage: "preparing",
      operation: null,
      signature: null,
      isSigned: false,
      stopWaiting: () => waiting.abort(),
      result: null,
      error: null,
    });
    const options = {
      sign: createSign(cvmId),
      signal: AbortSignal.any([controller.signal, waiting.signal]),
      onPrepared: (prepared: ConfigureState) => keepChange({ state: prepared, labels, priceBefore }),
      onProgress: ({ stage, operation }: ConfigureProgress) => update(cvmId, { stage, operation }),
    };
    try {
      const result =
        state === null ? await client.configure(input, options) : await client.resume(state, options);
      forgetChange(cvmId);
      update(cvmId, { status: "completed", result, signature: null });
    } catch (failure) {
      if (controller.signal.aborted) return;
      const error = waiting.signal.aborted
        ? new WaitingStoppedError("The chain does not show the transaction yet.")
        : failure;
      if (!canResume(error)) forgetChange(cvmId);
      update(cvmId, { status: "failed", error, signature: null });
    }
  }

  return {
    ...store,
    start: (request) => void run(request, null),
    resume: (request, state) => void run(request, state),
    dismiss(cvmId) {
      forgetChange(cvmId);
      store.set(cvmId, null);
    },
    stop: () => controller.abort(),
  };
}

/** Whether the change can be resumed: the gateway was out of reach for long, or the owner has not signed yet. */
export function canResume(error: unknown): boolean {
  if (error instanceof SigningCancelledError || error instanceof WaitingStoppedError) return true;
  return (
    error instanceof CvmGatewayError &&
    ["NETWORK_ERROR", "INVALID_RESPONSE", "UNAUTHENTICATED"].includes(error.code)
  );
}
