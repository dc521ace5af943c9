import { createInputError, type FieldProblem } from "../../errors.ts";
import type { HashProof } from "../../upstream/configuration/cvm-patch.ts";

/** In the place of a transaction hash: the REST API looks at the contract alone. */
const ALREADY_REGISTERED = "already-registered";
const NO_TRANSACTION = "0".repeat(64);

const NO_HASH_MESSAGE =
  "Expected 32 bytes in hex. For a hash that is registered already, prepare the change with configureCvm and prepareOnly, then use commitCvmUpdate with an empty transactionHash.";

/** A compose hash and its transaction, bare hex as the `Hex` scalar gives it. */
export type ProofInput = { readonly composeHash: string; readonly transactionHash: string };

/** The same on an input that serves both phases: neither in the first, both in the second. */
export type OptionalProofInput = {
  readonly [Name in keyof ProofInput]?: ProofInput[Name] | null | undefined;
};

/**
 * Checks the two hashes of a second phase; both have 32 bytes.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`
 */
export function readProof({ composeHash, transactionHash }: ProofInput): HashProof {
  const problems: FieldProblem[] = Object.entries({ composeHash, transactionHash })
    .filter(([, hash]) => hash.length !== 64)
    .map(([name, hash]) => ({
      path: `input.${name}`,
      message: hash === "" && name === "transactionHash" ? NO_HASH_MESSAGE : "Expected 32 bytes in hex.",
    }));
  if (problems.length > 0) throw createInputError(problems);
  return { composeHash, transactionHash: `0x${transactionHash}` };
}

/**
 * Reads the two hashes where they may be left out.
 *
 * @returns null in the first phase.
 * @throws {GatewayError} `BAD_USER_INPUT` on the one that is missing beside the other.
 */
export function readOptionalProof(input: OptionalProofInput): HashProof | null {
  const composeHash = input.composeHash ?? null;
  const transactionHash = input.transactionHash ?? null;
  if (composeHash !== null && transactionHash !== null) return readProof({ composeHash, transactionHash });
  if (composeHash === null && transactionHash === null) return null;
  const path = composeHash === null ? "input.composeHash" : "input.transactionHash";
  const message = "composeHash and transactionHash belong together: give both, or neither.";
  throw createInputError([{ path, message }]);
}

/**
 * Reads the proof of a prepared update, which needs no transaction where its hash is registered already: an
 * empty transaction hash, or one of zeros, which no transaction has.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`
 */
export function readCommitProof(input: ProofInput): HashProof {
  if (input.transactionHash !== "" && input.transactionHash !== NO_TRANSACTION) return readProof(input);
  const { composeHash } = readProof({ ...input, transactionHash: NO_TRANSACTION });
  return { composeHash, transactionHash: ALREADY_REGISTERED };
}
