import { LRUCache } from "lru-cache";
import { type Credential, nameOwner } from "../../credential.ts";
import { PROVISION_TTL_MS } from "../../limits.ts";

/** Largest number of provisions that one process remembers. The least recently used one is dropped first. */
const MAX_PROVISIONS = 10_000;

/** The lists of allowed names in the app-composes that this process has provisioned, by caller and hash. */
export type ProvisionedKeys = {
  remember(caller: Credential | null, composeHash: string, keys: readonly string[]): void;
  /** Return the list. @returns null if this process did not provision the hash for the caller */
  find(caller: Credential | null, composeHash: string): readonly string[] | null;
};

/** Create the memory of one process. Another process does not know it, so an unknown list proves nothing. */
export function createProvisionedKeys(): ProvisionedKeys {
  const lists = new LRUCache<string, readonly string[]>({ max: MAX_PROVISIONS, ttl: PROVISION_TTL_MS });
  const toKey = (caller: Credential | null, composeHash: string) =>
    `${caller === null ? "" : nameOwner(caller)} ${composeHash}`;
  return {
    remember: (caller, composeHash, keys) => void lists.set(toKey(caller, composeHash), keys),
    find: (caller, composeHash) => lists.get(toKey(caller, composeHash)) ?? null,
  };
}
