import type { HashProof } from "../../upstream/configuration/hash-proof.ts";
import { describeInvalid, type InputProblem } from "./input-problem.ts";

/** Sent instead of a transaction hash: the REST API then checks the contract only. */
const ALREADY_REGISTERED = "already-registered";
const NO_TRANSACTION = "0".repeat(64);
const HEX_LENGTH = 64;

const NOT_32_BYTES = "Expected 32 bytes in hex.";
const NO_TRANSACTION_HASH =
  "Expected 32 bytes in hex. If the hash is registered already, prepare the change with configureCvm and prepareOnly, then use commitCvmUpdate with an empty transactionHash.";

/** A compose hash and its transaction, bare hex. */
type ProofInput = { readonly composeHash: string; readonly transactionHash: string };

/** Find what is wrong with a compose hash. */
export function findComposeHashProblems(composeHash: string): InputProblem[] {
  return composeHash.length === HEX_LENGTH ? [] : [describeInvalid("input.composeHash", NOT_32_BYTES)];
}

/** Find what is wrong with the two hashes of a second phase. */
export function findProofProblems({ composeHash, transactionHash }: ProofInput): InputProblem[] {
  const problems = findComposeHashProblems(composeHash);
  if (transactionHash.length === HEX_LENGTH) return problems;
  const message = transactionHash === "" ? NO_TRANSACTION_HASH : NOT_32_BYTES;
  return [...problems, describeInvalid("input.transactionHash", message)];
}

/** Find what is wrong with the two hashes of an input that serves both phases. */
export function findOptionalProofProblems({
  composeHash,
  transactionHash,
}: Partial<ProofInput>): InputProblem[] {
  if (composeHash === undefined && transactionHash === undefined) return [];
  if (composeHash !== undefined && transactionHash !== undefined) {
    return findProofProblems({ composeHash, transactionHash });
  }
  const path = composeHash === undefined ? "input.composeHash" : "input.transactionHash";
  return [describeInvalid(path, "Send composeHash and transactionHash together, or neither of them.")];
}

/** Find what is wrong with the hashes of a prepared change, whose transaction hash may be empty. */
export function findCommitProofProblems(input: ProofInput): InputProblem[] {
  return isRegistered(input) ? findComposeHashProblems(input.composeHash) : findProofProblems(input);
}

/** Return the proof of a second phase. */
export function toProof({ composeHash, transactionHash }: ProofInput): HashProof {
  return { composeHash, transactionHash: `0x${transactionHash}` };
}

/** Return the proof of an input that serves both phases; null in the first phase. */
export function toOptionalProof({ composeHash, transactionHash }: Partial<ProofInput>): HashProof | null {
  if (composeHash === undefined || transactionHash === undefined) return null;
  return toProof({ composeHash, transactionHash });
}

/** Return the proof of a prepared change. Without a transaction the REST API checks the contract only. */
export function toCommitProof(input: ProofInput): HashProof {
  return isRegistered(input)
    ? { composeHash: input.composeHash, transactionHash: ALREADY_REGISTERED }
    : toProof(input);
}

/** Whether the hash was registered before: the transaction hash is empty or all zeros, which none has. */
function isRegistered({ transactionHash }: ProofInput): boolean {
  return transactionHash === "" || transactionHash === NO_TRANSACTION;
}
