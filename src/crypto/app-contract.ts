import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, concatBytes, hexToBytes, utf8ToBytes } from "@noble/hashes/utils.js";
import { assertLength } from "./assertions.ts";

/*
 * The app contract of dstack (`DstackApp`). Its address is `0x` and the app id. Every function has one
 * static argument or none, so call data is the selector (4 bytes) followed by one word (32 bytes) or nothing.
 */

const WORD_BYTES = 32;

/**
 * Functions of the contract that only read. `selector` is `0x` and 8 hex digits. For a function without an
 * argument it is the whole call data.
 */
export const APP_CONTRACT_READS = {
  /** Return the address of the owner. */
  owner: { selector: toSelector("owner()"), argumentBytes: 0 },
  /** Return whether a compose hash is allowed. */
  allowedComposeHashes: { selector: toSelector("allowedComposeHashes(bytes32)"), argumentBytes: WORD_BYTES },
  /** Return whether every device may run the app. */
  allowAnyDevice: { selector: toSelector("allowAnyDevice()"), argumentBytes: 0 },
  /** Return whether a device id is on the list. */
  allowedDeviceIds: { selector: toSelector("allowedDeviceIds(bytes32)"), argumentBytes: WORD_BYTES },
} as const;

/**
 * Functions of the contract that change it, for its owner only. `selector` is `0x` and 8 hex digits. `topic`
 * is topic 0 of the emitted event, `0x` and 64 hex digits. The argument is in the event's data, because the
 * contract does not index it.
 */
export const APP_CONTRACT_WRITES = {
  addComposeHash: describeWrite("addComposeHash(bytes32)", "ComposeHashAdded(bytes32)"),
  removeComposeHash: describeWrite("removeComposeHash(bytes32)", "ComposeHashRemoved(bytes32)"),
  addDevice: describeWrite("addDevice(bytes32)", "DeviceAdded(bytes32)"),
  removeDevice: describeWrite("removeDevice(bytes32)", "DeviceRemoved(bytes32)"),
  setAllowAnyDevice: describeWrite("setAllowAnyDevice(bool)", "AllowAnyDeviceSet(bool)"),
} as const;

/**
 * Encode a call of `addComposeHash(bytes32)`, which allows the app to boot with this compose. Owner only.
 *
 * @param composeHash - 32 bytes
 * @returns call data, 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAddComposeHash(composeHash: Uint8Array): Uint8Array {
  return encodeCall(APP_CONTRACT_WRITES.addComposeHash, "composeHash", composeHash);
}

/**
 * Encode a call of `addDevice(bytes32)`, which allows the app to boot on this device. Owner only.
 *
 * @param deviceId - 32 bytes
 * @returns call data, 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAddDevice(deviceId: Uint8Array): Uint8Array {
  return encodeCall(APP_CONTRACT_WRITES.addDevice, "deviceId", deviceId);
}

/**
 * Encode a call of the read `allowedComposeHashes(bytes32)`.
 *
 * @param composeHash - 32 bytes
 * @returns call data, 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAllowedComposeHashes(composeHash: Uint8Array): Uint8Array {
  return encodeCall(APP_CONTRACT_READS.allowedComposeHashes, "composeHash", composeHash);
}

/**
 * Encode a call of the read `allowedDeviceIds(bytes32)`.
 *
 * @param deviceId - 32 bytes
 * @returns call data, 36 bytes
 * @throws CryptoError `bad-length`
 */
export function encodeAllowedDeviceIds(deviceId: Uint8Array): Uint8Array {
  return encodeCall(APP_CONTRACT_READS.allowedDeviceIds, "deviceId", deviceId);
}

function encodeCall(
  { selector }: { readonly selector: string },
  argument: string,
  word: Uint8Array,
): Uint8Array {
  assertLength(argument, word, WORD_BYTES);
  return concatBytes(hexToBytes(selector.slice(2)), word);
}

function describeWrite(signature: string, event: string): { selector: string; topic: string } {
  return { selector: toSelector(signature), topic: `0x${hashSignature(event)}` };
}

function toSelector(signature: string): string {
  return `0x${hashSignature(signature).slice(0, 8)}`;
}

function hashSignature(signature: string): string {
  return bytesToHex(keccak_256(utf8ToBytes(signature)));
}
