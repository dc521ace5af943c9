import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import { createShares } from "./memory-shares.ts";
import type { IdempotencyStore } from "./types.ts";

const FULL_RETRY_MS = 10_000;

/**
 * Create a store in the memory of this process, for a single gateway. A running write never loses its record. The
 * settled outcomes of a credential make room only for keys of the same credential.
 */
export function createMemoryStore(): IdempotencyStore {
  const shares = createShares();
  return {
    async claim(place, record) {
      const known = shares.find(place);
      if (known !== null) return { known };
      if (!shares.add(place, record)) {
        const retryAfterMs = FULL_RETRY_MS;
        throw new GatewayError("RATE_LIMITED", errorMessages.idempotencyStoreFull, { retryAfterMs });
      }
      return {
        claim: {
          markSending: async () => true,
          settle: async (outcome) => shares.settle(place, { ...record, state: "sending", outcome }),
          release: async () => shares.release(place),
        },
      };
    },
    async find(place) {
      const record = shares.find(place);
      return record === null ? null : { record, orphaned: false };
    },
    close: () => undefined,
  };
}
