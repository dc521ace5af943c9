import { z } from "zod";
import { DamagedRecordError } from "./store-error.ts";
import type { IdempotencyRecord } from "./types.ts";

/**
 * Version of the format. Version 1 has no version and no digests, version 2 has no state. Each version keeps the
 * members of the earlier ones, so that gateways of different releases can share a Redis during an update.
 */
const VERSION = 3;

/** Format a record for Redis. */
export function formatRecord(record: IdempotencyRecord): string {
  return JSON.stringify({ version: VERSION, ...record });
}

/** Write the part of a formatted record that names its owner. The scripts search for it. */
export function formatOwner({ owner }: IdempotencyRecord): string {
  return `"owner":${JSON.stringify(owner)}`;
}

const recordText = z
  .string()
  .transform((text): unknown => JSON.parse(text))
  .pipe(
    z.object({
      owner: z.string(),
      state: z.enum(["claimed", "sending"]).optional().catch("sending"),
      fingerprint: z.string(),
      digests: z
        .object({ operation: z.string(), fields: z.record(z.string(), z.string()) })
        .optional()
        .catch(undefined),
      startedAt: z.number(),
      outcome: z.string().optional(),
    }),
  );

/** Parse a record of Redis. @throws {DamagedRecordError} */
export function parseRecord(text: string): IdempotencyRecord {
  try {
    const { state, digests, outcome, ...record } = recordText.parse(text);
    return {
      ...record,
      ...(state === undefined ? {} : { state }),
      ...(digests === undefined ? {} : { digests }),
      ...(outcome === undefined ? {} : { outcome }),
    };
  } catch (cause) {
    throw new DamagedRecordError({ cause });
  }
}
