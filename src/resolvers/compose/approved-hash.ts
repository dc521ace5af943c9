import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { HashProof } from "../../upstream/configuration/hash-proof.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { orUnknown } from "../cvm/change-flags.ts";
import { assertDeviceAllowed } from "../registration/assert-allowed.ts";
import { type MeasuredChange, predictComposeHashes } from "./predicted-hash.ts";

/** How to send a change of a single-purpose endpoint. */
export type Approval = {
  /** Null in the first phase. */
  readonly proof: HashProof | null;
  /**
   * Whether the REST API has to say first which hash the change has, because the gateway predicts another one
   * than the proof has.
   */
  readonly asksFirst: boolean;
  /** Remember that the REST API confirmed the hash, so that a repetition does not ask again. */
  readonly confirm: () => void;
};

const NO_SIGNATURE_NEEDED =
  "No signature was needed: the REST API accepted the change without composeHash and transactionHash.";

/** The compose hash of the CVM for which the REST API confirmed the approved hash, by input of a mutation. */
const confirmed = new WeakMap<object, string | null>();

/**
 * Check a second phase: the device of the CVM, and the input against the compose hash that was approved. The
 * single-purpose endpoints receive the whole change again: the REST API could apply another text under the old
 * proof, and the CVM would fail at boot. Costs two upstream reads and the check of the device in the second phase.
 *
 * @param input - the input of the mutation, which all attempts of one request share
 * @throws {GatewayError} `HASH_NOT_ALLOWED` if the app contract is known not to allow the device
 */
export async function prepareApproval(
  ctx: Context,
  ref: CvmRef,
  input: object,
  proof: HashProof | null,
  change: MeasuredChange,
): Promise<Approval> {
  if (proof === null) return { proof, asksFirst: false, confirm: () => undefined };
  const cvm = await orUnknown(ctx.loaders.cvm(ref));
  if (cvm?.kms.requiresOnChainHash !== false) await assertDeviceAllowed(ctx, ref, proof.composeHash);
  const found = await fetchPredictedHashes(ctx, ref, change);
  if (found === null) return { proof, asksFirst: false, confirm: () => undefined };
  const { presentHash, hashes } = found;
  const isKnown = confirmed.has(input) && confirmed.get(input) === presentHash;
  return {
    proof,
    asksFirst: !isKnown && !hashes.includes(proof.composeHash),
    confirm: () => void confirmed.set(input, presentHash),
  };
}

/**
 * Send a change in its phase. If the gateway predicts another hash than the approved one, the REST API decides:
 * the change is first sent without hashes, which applies nothing on chain. Only if the REST API requires the
 * approved hash, the second phase follows.
 *
 * @param send - sends the change once, in the phase that its argument says
 * @throws {GatewayError} `HASH_INVALID_OR_EXPIRED` with the new hash, after one request; `OUTCOME_UNKNOWN` if
 *   its answer is lost, and nothing more is sent; the codes of `send`
 */
export async function sendApproved(
  { proof, asksFirst, confirm }: Approval,
  send: (proof: HashProof | null) => Promise<WriteOutcome>,
): Promise<WriteOutcome> {
  if (proof === null || !asksFirst) return send(proof);
  const first = await send(null);
  if (first.kind === "InProgress") return withoutSignature(first);
  if (first.composeHash !== proof.composeHash) throw createOtherHashError(first.composeHash);
  confirm();
  return send(proof);
}

function withoutSignature(outcome: InProgress): InProgress {
  return { ...outcome, message: [NO_SIGNATURE_NEEDED, outcome.message ?? ""].join(" ").trim() };
}

function createOtherHashError(composeHash: string): GatewayError {
  const message = `This input does not have the compose hash in composeHash. The REST API requires ${composeHash} for it. Nothing was applied. To apply the change that was approved, call confirmCvmPatch with the same composeHash and transactionHash. To apply this input, register the new hash, then send the input again with it.`;
  return new GatewayError("HASH_INVALID_OR_EXPIRED", message, { composeHash });
}

/** A read that fails leaves the hash unknown: the write that follows reports what is wrong. */
async function fetchPredictedHashes(ctx: Context, ref: CvmRef, change: MeasuredChange) {
  try {
    const [cvm, file] = await Promise.all([ctx.loaders.cvm(ref), ctx.loaders.composeFile(ref)]);
    if (!cvm.kms.requiresOnChainHash) return null;
    const hashes = predictComposeHashes(file, cvm.composeHash, change);
    return hashes && { presentHash: cvm.composeHash, hashes };
  } catch (error) {
    if (error instanceof GatewayError) return null;
    throw error;
  }
}
