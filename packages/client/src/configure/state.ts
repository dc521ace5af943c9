import type { Transaction } from "../error-types.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import type { ConfigureCvmInput } from "../generated/types.ts";
import { isObject } from "../json.ts";

/** What the CVM was like before a write. Later reads are compared with it. */
export type Baseline = {
  readonly configVersion: string;
  /** Correlation ids of its operations. Null if they could not be read. */
  readonly operationIds: readonly string[] | null;
};

/** A registration that the owner of the app has to make on chain. */
export type Registration = {
  readonly composeHash: string;
  readonly prerequisites: readonly Transaction[];
  readonly transaction: Transaction;
};

/**
 * Everything that `resume` needs to go on with a change. It can be stored as JSON. It holds the sealed environment,
 * never a value in plain text. Its members can change between versions of this package; `version` says which.
 *
 * @example
 * ```ts
 * const onPrepared = (state: ConfigureState) => storage.set("change", JSON.stringify(state));
 * const result = await client.resume(JSON.parse(stored), { sign, onPrepared });
 * ```
 */
export type ConfigureState = {
  readonly version: 1;
  /**
   * `prepared`: the change may have been sent. `registering`: its hash has to be registered. `confirming`: the
   * confirmation may have been sent. `accepted`: the change is being applied. `unchanged`: there is nothing to apply.
   */
  readonly stage: "prepared" | "registering" | "confirming" | "accepted" | "unchanged";
  readonly cvmId: string;
  readonly idempotencyKey: string;
  /** The input as it is sent, with the sealed environment. */
  readonly input: ConfigureCvmInput;
  readonly baseline: Baseline;
  readonly waitForTransactionSeconds: number;
  readonly registration?: Registration | undefined;
  /** Call data of the transactions that were sent, except for the one that registers the hash. */
  readonly sent?: readonly string[] | undefined;
  /** Whether the owner was asked to register the hash and the result is not known. */
  readonly isSigning?: boolean | undefined;
  /** Hash of the transaction that registered the compose hash. */
  readonly transactionHash?: string | undefined;
  /** Operation that applies the change. */
  readonly correlationId?: string | null | undefined;
};

const stages: ReadonlySet<unknown> = new Set([
  "prepared",
  "registering",
  "confirming",
  "accepted",
  "unchanged",
]);

/** Assert that a stored value is a state. @throws {CvmGatewayError} `BAD_STATE` */
export function assertState(value: unknown): asserts value is ConfigureState {
  const isKnown =
    isObject(value) &&
    value["version"] === 1 &&
    stages.has(value["stage"]) &&
    typeof value["cvmId"] === "string" &&
    typeof value["idempotencyKey"] === "string" &&
    isObject(value["input"]) &&
    isObject(value["baseline"]) &&
    typeof value["waitForTransactionSeconds"] === "number" &&
    (value["stage"] !== "registering" || isObject(value["registration"])) &&
    (value["stage"] !== "confirming" || typeof value["transactionHash"] === "string");
  if (isKnown) return;
  throw new CvmGatewayError(
    "BAD_STATE",
    "Expected a state that onPrepared of this version has returned, parsed from JSON.",
  );
}
