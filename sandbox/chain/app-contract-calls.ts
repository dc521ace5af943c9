import { keccak_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";

/** Functions of the app contract that change it. All take one ABI word. */
const WRITES = {
  addComposeHash: ["addComposeHash(bytes32)", "ComposeHashAdded(bytes32)"],
  removeComposeHash: ["removeComposeHash(bytes32)", "ComposeHashRemoved(bytes32)"],
  addDevice: ["addDevice(bytes32)", "DeviceAdded(bytes32)"],
  removeDevice: ["removeDevice(bytes32)", "DeviceRemoved(bytes32)"],
  setAllowAnyDevice: ["setAllowAnyDevice(bool)", "AllowAnyDeviceSet(bool)"],
} as const;

/** Topic 0 of `DeviceAdded(bytes32)`. */
export const DEVICE_ADDED_TOPIC = `0x${hashText(WRITES.addDevice[1])}`;

/** Functions of the app contract that only read. */
const READS = {
  owner: "owner()",
  allowAnyDevice: "allowAnyDevice()",
  allowedComposeHashes: "allowedComposeHashes(bytes32)",
  allowedDeviceIds: "allowedDeviceIds(bytes32)",
} as const;

/** A decoded call that changes a contract. */
export type Write = {
  readonly method: keyof typeof WRITES;
  /** The argument, 64 hex digits. */
  readonly word: string;
  /** Topic 0 of the event that the call emits; its argument is not indexed. */
  readonly topic: string;
};

/** A decoded call that reads. */
export type Read = { readonly method: keyof typeof READS; readonly word: string };

/** Reads call data; null when it calls no function that changes an app contract. */
export function decodeWrite(data: string): Write | null {
  const call = splitCallData(data);
  for (const method of keysOf(WRITES)) {
    const [signature, event] = WRITES[method];
    if (call?.selector === selectorOf(signature) && call.word.length === 64) {
      return { method, word: call.word, topic: `0x${hashText(event)}` };
    }
  }
  return null;
}

/** Reads call data; null when it calls no read of an app contract. */
export function decodeRead(data: string): Read | null {
  const call = splitCallData(data);
  for (const method of keysOf(READS)) {
    const signature = READS[method];
    const digits = signature.endsWith("(bytes32)") ? 64 : 0;
    if (call?.selector === selectorOf(signature) && call.word.length >= digits) {
      return { method, word: call.word };
    }
  }
  return null;
}

function splitCallData(data: string): { selector: string; word: string } | null {
  const match = /^0x([0-9a-f]{8})((?:[0-9a-f]{64})?)$/.exec(data.toLowerCase());
  return match === null ? null : { selector: match[1] ?? "", word: match[2] ?? "" };
}

function selectorOf(signature: string): string {
  return hashText(signature).slice(0, 8);
}

function hashText(text: string): string {
  return bytesToHex(keccak_256(utf8ToBytes(text)));
}

function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in object) keys.push(key);
  return keys;
}
