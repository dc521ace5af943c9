import { GatewayError } from "../errors.ts";
import { MAX_STATUS_BATCH } from "../limits.ts";
import { fetchStatusBatch, type LiveState } from "../upstream/resources/status-batch.ts";
import type { Upstream } from "../upstream/transport/types.ts";

/** Reads the live states of any number of CVMs; nothing is sent for none. */
export async function fetchLiveStates(
  upstream: Upstream,
  vmUuids: readonly string[],
): Promise<ReadonlyMap<string, LiveState>> {
  const chunks = Array.from({ length: Math.ceil(vmUuids.length / MAX_STATUS_BATCH) }, (_, index) =>
    vmUuids.slice(index * MAX_STATUS_BATCH, (index + 1) * MAX_STATUS_BATCH),
  );
  const answers = await Promise.all(chunks.map((chunk) => fetchStatusBatch(upstream, chunk)));
  return new Map(answers.flatMap((answer) => [...answer]));
}

/** Whether the refusal of a batch may be about one of its CVMs alone; a bad credential is about all. */
export function isAboutOne(error: unknown): boolean {
  return error instanceof GatewayError && error.code !== "UNAUTHENTICATED";
}

/** How long the REST API asks to wait, milliseconds; 0 where it does not say. */
export function readRetryAfter(error: unknown): number {
  return error instanceof GatewayError ? (error.retryAfterMs ?? 0) : 0;
}
