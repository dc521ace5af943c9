import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { assertLength } from "./assertions.ts";

/**
 * Call data for the app contract of dstack (`DstackApp`), whose address is the app id. All its arguments
 * are `bytes32`, so the ABI encoding is the selector and the 32 bytes.
 */

const WORD_BYTES = 32;

/** Topic 0 of `ComposeHashAdded(bytes32)`, `0x` and 64 digits. The hash is in the log's data, not a topic. */
export const COMPOSE_HASH_ADDED_TOPIC = `0x${bytesToHex(hashSignature("ComposeHashAdded(bytes32)"))}`;

/** Selectors of the contract's reads, `0x` and 8 digits; for calls without argument they are the call data. */
export const APP_CONTRACT_SELECTORS = {
  /** Answers an address. */
  owner: toSelectorHex("owner()"),
  /** Takes a compose hash, answers a bool. */
  allowedComposeHashes: toSelectorHex("allowedComposeHashes(bytes32)"),
  /** Answers a bool; when true every device may run the app. */
  allowAnyDevice: toSelectorHex("allowAnyDevice()"),
  /** Takes a device id, answers a bool. */
  allowedDeviceIds: toSelectorHex("allowedDeviceIds(bytes32)"),
} as const;

/**
 * Call data of `addComposeHash(bytes32)`, which lets the app boot with this compose. Owner only.
 *
 * @param composeHash - 32 bytes
 * @returns 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAddComposeHash(composeHash: Uint8Array): Uint8Array {
  return encodeCall("addComposeHash(bytes32)", "composeHash", composeHash);
}

/**
 * Call data of `addDevice(bytes32)`, which lets the app boot on this machine. Owner only.
 *
 * @param deviceId - 32 bytes
 * @returns 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAddDevice(deviceId: Uint8Array): Uint8Array {
  return encodeCall("addDevice(bytes32)", "deviceId", deviceId);
}

/**
 * Call data of the read `allowedComposeHashes(bytes32)`.
 *
 * @param composeHash - 32 bytes
 * @returns 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAllowedComposeHashes(composeHash: Uint8Array): Uint8Array {
  return encodeCall("allowedComposeHashes(bytes32)", "composeHash", composeHash);
}

/**
 * Call data of the read `allowedDeviceIds(bytes32)`.
 *
 * @param deviceId - 32 bytes
 * @returns 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAllowedDeviceIds(deviceId: Uint8Array): Uint8Array {
  return encodeCall("allowedDeviceIds(bytes32)", "deviceId", deviceId);
}

function encodeCall(signature: string, argument: string, word: Uint8Array): Uint8Array {
  assertLength(argument, word, WORD_BYTES);
  return concatBytes(toSelector(signature), word);
}

function toSelectorHex(signature: string): string {
  return `0x${bytesToHex(toSelector(signature))}`;
}

function toSelector(signature: string): Uint8Array {
  return hashSignature(signature).subarray(0, 4);
}

function hashSignature(signature: string): Uint8Array {
  return keccak_256(utf8ToBytes(signature));
}
