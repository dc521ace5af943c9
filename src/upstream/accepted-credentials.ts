import { hash, randomUUID } from "node:crypto";
import { LRUCache } from "lru-cache";
import type { Credential } from "../credential.ts";

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
  /** Names by their credential. The requests of a connection share one, which is then hashed once. */
  const known = new WeakMap<Credential, string>();
  const salt = randomUUID();
  /** A name means nothing outside of this list, so a single hash is enough. */
  function nameCredential(credential: Credential): string {
    const { scheme, secret, workspace } = credential;
    const name =
      known.get(credential) ?? hash("sha256", JSON.stringify([salt, scheme, workspace, secret]), "base64url");
    known.set(credential, name);
    return name;
  }

  return {
    add(credential) {
      const name = nameCredential(credential);
      if (names.get(name) === undefined) names.set(name, true);
    },
    has: (credential) => names.has(nameCredential(credential)),
  };
}
