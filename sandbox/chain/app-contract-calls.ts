import { APP_CONTRACT_READS, APP_CONTRACT_WRITES } from "../../src/crypto/app-contract.ts";

/** A decoded call that changes a contract. */
export type ContractWrite = {
  readonly method: keyof typeof APP_CONTRACT_WRITES;
  /** The argument, 64 hex digits. */
  readonly word: string;
  /** Topic 0 of the event that the call emits. The argument of the event is not indexed. */
  readonly topic: string;
};

/** A decoded call of a view function. */
export type ContractRead = { readonly method: keyof typeof APP_CONTRACT_READS; readonly word: string };

/** Decode call data; null when it does not call a function that changes an app contract. */
export function decodeWrite(data: string): ContractWrite | null {
  const call = splitCallData(data);
  for (const method of keysOf(APP_CONTRACT_WRITES)) {
    const { selector, topic } = APP_CONTRACT_WRITES[method];
    if (call?.selector === selector && call.word.length === 64) return { method, word: call.word, topic };
  }
  return null;
}

/** Decode call data; null when it does not call a view function of an app contract. */
export function decodeRead(data: string): ContractRead | null {
  const call = splitCallData(data);
  for (const method of keysOf(APP_CONTRACT_READS)) {
    const { selector, argumentBytes } = APP_CONTRACT_READS[method];
    if (call?.selector === selector && call.word.length >= 2 * argumentBytes) {
      return { method, word: call.word };
    }
  }
  return null;
}

function splitCallData(data: string): { selector: string; word: string } | null {
  const match = /^(0x[0-9a-f]{8})((?:[0-9a-f]{64})?)$/.exec(data.toLowerCase());
  return match === null ? null : { selector: match[1] ?? "", word: match[2] ?? "" };
}

function keysOf<Key extends string>(object: Readonly<Record<Key, unknown>>): Key[] {
  const keys: Key[] = [];
  for (const key in object) keys.push(key);
  return keys;
}
