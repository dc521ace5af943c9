import { type CryptoKey, type createLocalJWKSet, errors, type JWSHeaderParameters } from "jose";
import { GatewayError } from "../../errors.ts";
import { keySetTimes } from "../../limits.ts";
import type { Logger } from "../../logger.ts";

type LocalKeys = ReturnType<typeof createLocalJWKSet>;

/** The public keys of one issuer. */
export type KeySet = {
  /**
   * Find the keys that may have signed a token. Without a key id there can be several.
   *
   * @returns an empty list if the issuer has no such key
   * @throws {GatewayError} `SIGN_IN_UNAVAILABLE` if the issuer's keys cannot be fetched and no known key fits
   */
  find(header: JWSHeaderParameters): Promise<readonly CryptoKey[]>;
  /** Return the known keys for an algorithm, whatever their id. Fetches nothing. */
  listByAlgorithm(alg: string): Promise<readonly CryptoKey[]>;
};

/** Keys and the time of their fetch, in milliseconds since 1970. */
type Known = { readonly keys: LocalKeys; readonly fetchedAt: number };

/** The most keys that one token is checked with. */
const MAX_CANDIDATES = 5;

async function listCandidates(keys: LocalKeys, header: JWSHeaderParameters): Promise<readonly CryptoKey[]> {
  try {
    return [await keys(header)];
  } catch (error) {
    if (!(error instanceof errors.JWKSMultipleMatchingKeys)) return [];
    const candidates: CryptoKey[] = [];
    for await (const key of error) {
      if (candidates.push(key) === MAX_CANDIDATES) break;
    }
    return candidates;
  }
}

/** Limits the fetches that unknown key ids cause: a few at a time, then one in each interval. */
function createFetchBudget(): () => boolean {
  const { unknownKeyBurst, unknownKeyIntervalMs } = keySetTimes;
  let points: number = unknownKeyBurst;
  let countedAt = Date.now();
  return () => {
    const intervals = Math.floor(Math.max(0, Date.now() - countedAt) / unknownKeyIntervalMs);
    points = Math.min(unknownKeyBurst, points + intervals);
    countedAt += intervals * unknownKeyIntervalMs;
    if (points === 0) return false;
    points -= 1;
    return true;
  };
}

/**
 * Create the key set of an issuer. Keys are fetched at the first use, again when they are old, and again for a key
 * id that is not known. All requests share one fetch. While the issuer cannot be reached, known keys stay in use
 * for a day.
 *
 * @param issuer - named in log lines
 * @param fetchKeys - fetches the issuer's JSON Web Key Set
 */
export function createKeySet(issuer: string, fetchKeys: () => Promise<LocalKeys>, log: Logger): KeySet {
  const { refreshMs, retryMs, maxAgeMs } = keySetTimes;
  const mayFetchForUnknownKey = createFetchBudget();
  let known: Known | null = null;
  let pending: Promise<void> | null = null;
  let failedAt: number | null = null;

  async function load(): Promise<void> {
    try {
      known = { keys: await fetchKeys(), fetchedAt: Date.now() };
      failedAt = null;
    } catch (err) {
      failedAt = Date.now();
      log.warn({ err, url: issuer }, "the signing keys of an issuer in ACCESS_FILE cannot be fetched");
    }
    pending = null;
  }

  /** Fetch the keys, or wait for the fetch that runs. After a failure there is a pause. */
  async function refresh(): Promise<void> {
    const isPausing = failedAt !== null && Date.now() - failedAt < retryMs;
    if (pending === null && isPausing) return;
    pending ??= load();
    await pending;
  }

  /** Return the keys that may be used, fetched first when the set is empty. */
  async function getKeys(): Promise<LocalKeys> {
    const age = known === null ? Number.POSITIVE_INFINITY : Date.now() - known.fetchedAt;
    if (age >= maxAgeMs) await refresh();
    else if (age >= refreshMs) void refresh();
    if (known === null || Date.now() - known.fetchedAt >= maxAgeMs) throw createUnavailableError();
    return known.keys;
  }

  return {
    async find(header) {
      let candidates = await listCandidates(await getKeys(), header);
      if (candidates.length > 0) return candidates;
      if (pending !== null || mayFetchForUnknownKey()) {
        await refresh();
        candidates = await listCandidates(await getKeys(), header);
      }
      if (candidates.length === 0 && failedAt !== null) throw createUnavailableError();
      return candidates;
    },
    listByAlgorithm: async (alg) => (known === null ? [] : listCandidates(known.keys, { alg })),
  };
}

function createUnavailableError(): GatewayError {
  return new GatewayError("SIGN_IN_UNAVAILABLE", undefined, { retryAfterMs: keySetTimes.retryMs });
}
