import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** One call of a contract function that has a single `bytes32` argument. Hex has `0x`. */
export type SafeCall = {
  /** Address of the contract. */
  readonly to: string;
  /** Name of the function. */
  readonly method: string;
  /** Name of its argument. */
  readonly argument: string;
  /** Value of its argument, 32 bytes. */
  readonly word: string;
};

/** File that Safe's Transaction Builder imports. All its calls become one transaction of the Safe. */
export type SafeBatch = ReturnType<typeof createSafeBatch>;

/**
 * Create a batch for Safe's Transaction Builder (file format 1.0). Each call names its function and the value of
 * the argument, and has no call data: the builder encodes it. With call data the builder would ignore the names
 * and show signers custom hex data only.
 */
export function createSafeBatch(batch: {
  readonly chainId: number;
  readonly name: string;
  readonly description: string;
  /** Unix milliseconds. */
  readonly createdAt: number;
  readonly calls: readonly SafeCall[];
}) {
  const { chainId, name, description, createdAt, calls } = batch;
  const transactions = calls.map(({ to, method, argument, word }) => ({
    to,
    value: "0",
    data: null,
    contractMethod: {
      inputs: [{ internalType: "bytes32", name: argument, type: "bytes32" }],
      name: method,
      payable: false,
    },
    contractInputsValues: { [argument]: word },
  }));
  const file = { version: "1.0", chainId: String(chainId), createdAt, transactions };
  const checksum = computeChecksum({ ...file, meta: { name: null, description } });
  return { ...file, meta: { name, description, checksum } };
}

/**
 * Compute the checksum with which the Transaction Builder detects that a file was edited: keccak-256 of a
 * special text form, in which the batch's name is null.
 */
function computeChecksum(file: unknown): string {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(formatForChecksum(file))))}`;
}

/** The text form, which is not JSON: `{`, the sorted keys as a JSON array, each value with a comma, `}`. */
function formatForChecksum(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatForChecksum).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = JSON.stringify(members.map(([key]) => key));
  return `{${keys}${members.map(([, member]) => `${formatForChecksum(member)},`).join("")}}`;
}
