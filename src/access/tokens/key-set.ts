import { setTimeout as sleep } from "node:timers/promises";
import { type CryptoKey, type createLocalJWKSet, errors, type JWSHeaderParameters } from "jose";
import { GatewayError } from "../../errors.ts";
import { keySetTimes } from "../../limits.ts";
import type { Logger } from "../../logger.ts";

/** The published keys of an issuer. */
export type PublishedKeys = {
  /** Finds and imports a key. */
  readonly find: ReturnType<typeof createLocalJWKSet>;
  /** What they say about themselves, or null. */
  readonly names: readonly { readonly kid: string | null; readonly alg: string | null }[];
};

/** Checks whether a key has signed a token. @returns null if it has not */
type CheckKey<T> = (key: CryptoKey) => Promise<T | null>;

/** The public keys of one issuer. */
export type KeySet = {
  /**
   * Check a token with the keys that may have signed it. Without a key id there can be several. If none of the known keys
   * has signed it, they are fetched once more and checked again: the issuer may have replaced them. A key id that is not
   * known takes the same steps as one that is, so that the time does not tell which ids exist.
   *
   * @returns null if no key of the issuer has signed it
   * @throws {GatewayError} `SIGN_IN_UNAVAILABLE` if the key id is not known and the keys cannot be fetched
   */
  check<T>(header: JWSHeaderParameters, checkKey: CheckKey<T>): Promise<T | null>;
};

/** Keys, and the time in milliseconds since 1970 and the number of the fetch that brought them. */
type Known = { readonly keys: PublishedKeys; readonly fetchedAt: number; readonly fetch: number };

/** What the known keys say about a token. */
type Finding<T> = { readonly value: T | null; readonly isKnownId: boolean };

/** The most keys that one token is checked with. */
const MAX_CANDIDATES = 5;

async function listCandidates(
  { find }: PublishedKeys,
  header: JWSHeaderParameters,
): Promise<readonly CryptoKey[]> {
  try {
    return [await find(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [];
    const candidates: CryptoKey[] = [];
    for await (const key of error) {
      if (candidates.push(key) === MAX_CANDIDATES) break;
    }
    return candidates;
  }
}

/** Space the fetches for tokens that no known key has signed: a few in a row, then one in each interval. */
function createFetchSpacing(): () => number {
  const { unknownKeyBurst, unknownKeyIntervalMs } = keySetTimes;
  /** When a whole burst is free again, on the clock of `performance.now()`. */
  let freeAt = 0;
  /** Count a fetch. @returns the time to wait before it, in milliseconds: not more than one interval */
  return () => {
    const now = performance.now();
    freeAt = Math.max(freeAt, now) + unknownKeyIntervalMs;
    return Math.max(0, freeAt - now - unknownKeyBurst * unknownKeyIntervalMs);
  };
}

/**
 * Create the key set of an issuer. Keys are fetched at the first use, again when they are old, and again for a token
 * that no known key has signed. All requests share one fetch. While the issuer cannot be reached, known keys stay in
 * use for a day.
 *
 * @param issuer - named in log lines
 * @param fetchKeys - fetches the issuer's JSON Web Key Set
 */
export function createKeySet(issuer: string, fetchKeys: () => Promise<PublishedKeys>, log: Logger): KeySet {
  const { refreshMs, retryMs, maxAgeMs } = keySetTimes;
  const spaceFetches = createFetchSpacing();
  let known: Known | null = null;
  let pending: Promise<void> | null = null;
  let failedAt: number | null = null;
  /** Number of fetches that have begun. */
  let fetches = 0;
  /** The fetch that will begin when it may. */
  let next: Promise<void> | null = null;

  async function load(): Promise<void> {
    fetches += 1;
    const fetch = fetches;
    try {
      known = { keys: await fetchKeys(), fetchedAt: Date.now(), fetch };
      failedAt = null;
    } catch (err) {
      failedAt = Date.now();
      log.warn({ err, url: issuer }, "the signing keys of an issuer in ACCESS_FILE cannot be fetched");
    }
    pending = null;
  }

  const isPausing = () => failedAt !== null && Date.now() - failedAt < retryMs;

  /** Fetch the keys, or wait for the fetch that runs. After a failure there is a pause. */
  async function refresh(): Promise<void> {
    if (pending === null && isPausing()) return;
    pending ??= load();
    await pending;
  }

  /** Return the keys that may be used, fetched first when the set is empty. */
  async function getKeys(): Promise<PublishedKeys> {
    const age = known === null ? Number.POSITIVE_INFINITY : Date.now() - known.fetchedAt;
    if (age >= maxAgeMs) await refresh();
    else if (age >= refreshMs) void refresh();
    if (known === null || Date.now() - known.fetchedAt >= maxAgeMs) throw createUnavailableError();
    return known.keys;
  }

  async function beginNext(): Promise<void> {
    await sleep(spaceFetches());
    // Tokens that come from now on need a later fetch.
    next = null;
    await pending;
    await refresh();
  }

  /** Fetch the keys anew, as soon as another fetch may begin. All tokens that come until then share it. */
  async function renew(): Promise<void> {
    if (isPausing()) return;
    next ??= beginNext();
    await next;
  }

  async function checkKnown<T>(header: JWSHeaderParameters, checkKey: CheckKey<T>): Promise<Finding<T>> {
    const keys = await getKeys();
    const chosen = chooseHeader(keys, header);
    const candidates = await listCandidates(keys, chosen);
    const isKnownId = chosen.kid === header.kid && candidates.length > 0;
    for (const key of candidates) {
      const value = await checkKey(key);
      if (value !== null && isKnownId) return { value, isKnownId };
    }
    return { value: null, isKnownId };
  }

  return {
    async check(header, checkKey) {
      const before = fetches;
      let found = await checkKnown(header, checkKey);
      if (found.value === null && pending !== null) {
        await pending;
        found = await checkKnown(header, checkKey);
      }
      if (found.value === null && (known?.fetch ?? 0) <= before) {
        await renew();
        found = await checkKnown(header, checkKey);
      }
      if (found.value === null && !found.isKnownId && failedAt !== null) throw createUnavailableError();
      return found.value;
    },
  };
}

/**
 * Choose the header with which the keys of a token are found. In place of a key id that is not known, it has that of
 * another key, whose answer does not count: the check of every token takes the same steps.
 */
function chooseHeader({ names }: PublishedKeys, header: JWSHeaderParameters): JWSHeaderParameters {
  if (header.kid === undefined) return header;
  const fitting = names.flatMap(({ kid, alg }) =>
    kid !== null && (alg ?? header.alg) === header.alg ? kid : [],
  );
  const kid = fitting.find((known) => known === header.kid) ?? fitting[0];
  return kid === undefined ? header : { ...header, kid };
}

function createUnavailableError(): GatewayError {
  return new GatewayError("SIGN_IN_UNAVAILABLE", undefined, { retryAfterMs: keySetTimes.retryMs });
}
