import type { Context } from "../../context.ts";
import type { Owner } from "../../credential.ts";
import type { WriteInput } from "../../schema/input/write.ts";
import type { InProgress as AcceptedWrite } from "../../upstream/configuration/in-progress.ts";
import type { OnChainHashRequired as RequiredHash } from "../../upstream/configuration/on-chain-hash-required.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { MeasuredChange } from "../compose/predicted-hash.ts";
import type { InputProblem } from "./input-problem.ts";

/**
 * A mutation that changes a CVM, as the stages that `runWrite` takes it through. Each stage is one function.
 */
export type Write<Input extends WriteInput, Payload, Outcome> = {
  /** Name of the mutation. An idempotency key stands for one input of one mutation. */
  readonly name: string;
  /** Find what is wrong with the input itself. Makes no call. */
  check(input: Input, ctx: Context): readonly InputProblem[] | Promise<readonly InputProblem[]>;
  /**
   * Fetch what the remaining checks need, check, and build what is sent.
   *
   * @throws {GatewayError} `BAD_USER_INPUT` and the code of the check that failed
   */
  prepare(ctx: Context, cvm: CvmRef, input: Input): Promise<Payload>;
  /** Send the write. Never send it again after an unknown outcome. */
  send(ctx: Context, cvm: CvmRef, payload: Payload): Promise<Outcome>;
  /** Return what the write acts with, if it is not the caller's credential. */
  readonly owner?: (input: Input) => Owner;
  /** List the settings that the compose hash measures. `present` has the names that the CVM allows now. */
  readonly listMeasured?: (input: Input, present: readonly string[]) => MeasuredChange;
  /** An emergency: it is sent without waiting for other writes to the CVM, and also without Redis. */
  readonly skipsLock?: true;
};

/** The CVM that a result belongs to. */
type Target = { readonly cvmRef: CvmRef };

/** What `runWrite` adds to the outcome of a write. */
export type WriteResult = Target & {
  /** The CVM as it was read before the write; null if that read was not needed or failed. */
  readonly cvmBefore: Cvm | null;
  /** `Write.listMeasured` with the input of this write. */
  readonly listMeasured?: (present: readonly string[]) => MeasuredChange;
};

/** A change that the REST API accepted. */
export type InProgress = AcceptedWrite &
  Target & {
    /** Status that a lifecycle mutation leads to. */
    readonly target?: "running" | "stopped";
  };

/** A change that waits until its compose hash is registered on chain. */
export type OnChainHashRequired = RequiredHash & WriteResult;
