import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { type BootInfo, ChainError } from "./chain.ts";

/** `isAppAllowed(AppBootInfo)` of the interface that dstack publishes for app contracts. */
const SIGNATURE = "isAppAllowed((address,bytes32,address,bytes32,bytes32,bytes32,bytes32,string,string[]))";

const SELECTOR = bytesToHex(keccak_256(utf8ToBytes(SIGNATURE)).subarray(0, 4));

const TCB_STATUS = "UpToDate";

/** The struct has nine members. Those of variable length are offsets into what follows. */
const HEAD_BYTES = 9 * 32;

/** Encode a call of `isAppAllowed`: `0x` and hex. The measurements are zero, because the sandbox invents them. */
export function encodeIsAppAllowed({
  appId,
  composeHash,
  instanceId,
  deviceId,
  osImageHash,
}: BootInfo): string {
  const status = [toWord(TCB_STATUS.length), bytesToHex(utf8ToBytes(TCB_STATUS)).padEnd(64, "0")];
  const words = [
    toWord(32),
    appId.padStart(64, "0"),
    composeHash,
    instanceId.padStart(64, "0"),
    deviceId,
    toWord(0),
    toWord(0),
    osImageHash.padStart(64, "0"),
    toWord(HEAD_BYTES),
    toWord(HEAD_BYTES + 64),
    ...status,
    toWord(0),
  ];
  return `0x${SELECTOR}${words.join("")}`;
}

/**
 * Decode the answer of `isAppAllowed`, bare hex.
 *
 * @returns the reason of the contract; null when the app is allowed
 * @throws {ChainError} for an answer of another form
 */
export function decodeIsAppAllowed(answer: string): string | null {
  const [allowed = "", , length = ""] = answer.match(/.{64}/g) ?? [];
  if (length === "") throw new ChainError("isAppAllowed: the contract sent an unexpected result.");
  if (BigInt(`0x${allowed}`) !== 0n) return null;
  const text = answer.slice(192, 192 + 2 * Number(`0x${length}`));
  return new TextDecoder().decode(hexToBytes(text));
}

function toWord(value: number): string {
  return value.toString(16).padStart(64, "0");
}
