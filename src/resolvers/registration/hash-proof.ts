import { ALREADY_REGISTERED, type HashProof } from "../../upstream/configuration/hash-proof.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

const NO_TRANSACTION = "0".repeat(64);
const HEX_LENGTH = 64;

const NOT_32_BYTES = "Expected 32 bytes in hex.";
const NOT_A_TRANSACTION_HASH =
  "Expected 32 bytes in hex, or an empty text if the compose hash is registered already.";

/** A compose hash and its transaction, bare hex. */
type ProofInput = { readonly composeHash: string; readonly transactionHash: string };

/** Find what is wrong with a compose hash. */
export function findComposeHashProblems(composeHash: string): InputProblem[] {
  return composeHash.length === HEX_LENGTH ? [] : [describeInvalid("input.composeHash", NOT_32_BYTES)];
}

/** Find what is wrong with the two hashes of a second phase. The transaction hash may be empty. */
export function findProofProblems(input: ProofInput): InputProblem[] {
  const problems = findComposeHashProblems(input.composeHash);
  if (isRegistered(input) || input.transactionHash.length === HEX_LENGTH) return problems;
  return [...problems, describeInvalid("input.transactionHash", NOT_A_TRANSACTION_HASH)];
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

/** Return the proof of a second phase. Without a transaction the REST API checks the contract only. */
export function toProof(input: ProofInput): HashProof {
  const { composeHash, transactionHash } = input;
  return {
    composeHash,
    transactionHash: isRegistered(input) ? ALREADY_REGISTERED : `0x${transactionHash}`,
  };
}

/** Return the proof of an input that serves both phases; null in the first phase. */
export function toOptionalProof({ composeHash, transactionHash }: Partial<ProofInput>): HashProof | null {
  if (composeHash === undefined || transactionHash === undefined) return null;
  return toProof({ composeHash, transactionHash });
}

/** Whether the hash was registered before: the transaction hash is empty or all zeros, which none has. */
function isRegistered({ transactionHash }: ProofInput): boolean {
  return transactionHash === "" || transactionHash === NO_TRANSACTION;
}
