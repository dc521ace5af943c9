import { LRUCache } from "lru-cache";
import { type Credential, nameOwner } from "../credential.ts";

/** The most credentials that are remembered. */
const MAX_CREDENTIALS = 10_000;

/** The credentials that the REST API has accepted in this process. Anyone can make up others. */
export type AcceptedCredentials = {
  add(credential: Credential): void;
  has(credential: Credential): boolean;
};

/** Create the list of accepted credentials. It forgets those that were used longest ago. */
export function createAcceptedCredentials(): AcceptedCredentials {
  const names = new LRUCache<string, true>({ max: MAX_CREDENTIALS });
  return {
    add(credential) {
      const name = nameOwner(credential);
      if (names.get(name) === undefined) names.set(name, true);
    },
    has: (credential) => names.has(nameOwner(credential)),
  };
}
