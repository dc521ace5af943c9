import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** One call of a function with a single `bytes32` argument, hex with `0x`. */
export type SafeCall = {
  readonly to: string;
  /** The whole call data. */
  readonly data: string;
  readonly method: string;
  readonly argument: string;
  readonly word: string;
};

/** The file that Safe's Transaction Builder imports: all its calls become one transaction of the Safe. */
export type SafeBatch = ReturnType<typeof createSafeBatch>;

/**
 * Makes a batch for Safe's Transaction Builder (file format 1.0). The data of each call is written out, and
 * its method beside it, so that a reader of the file sees what is called.
 *
 * @param createdAt - milliseconds since 1970
 */
export function createSafeBatch(batch: {
  readonly chainId: number;
  readonly name: string;
  readonly description: string;
  readonly createdAt: number;
  readonly calls: readonly SafeCall[];
}) {
  const { chainId, name, description, createdAt, calls } = batch;
  const transactions = calls.map(({ to, data, method, argument, word }) => ({
    to,
    value: "0",
    data,
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
 * The checksum by which the Transaction Builder sees that a file was edited, and warns: keccak-256 over a
 * form of its own, with the batch's name as null.
 */
function computeChecksum(file: unknown): string {
  return `0x${bytesToHex(keccak_256(utf8ToBytes(formatForChecksum(file))))}`;
}

/** Not JSON: `{`, the sorted keys as a JSON array, each value in their order followed by a comma, `}`. */
function formatForChecksum(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(formatForChecksum).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  const keys = JSON.stringify(members.map(([key]) => key));
  return `{${keys}${members.map(([, member]) => `${formatForChecksum(member)},`).join("")}}`;
}
