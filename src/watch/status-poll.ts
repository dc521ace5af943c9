import { GatewayError, hasCode, pollContinuesAfter } from "../errors.ts";
import { MAX_STATUS_BATCH } from "../limits.ts";
import { fetchStatusBatch, type LiveState, toVmKey } from "../upstream/resources/status-batch.ts";
import type { Upstream } from "../upstream/transport/types.ts";
import type { FollowedCvms } from "./followed-cvms.ts";
import type { PollResult } from "./poll-timer.ts";
import type { SingleReads } from "./single-reads.ts";
import type { WatchedCvm } from "./watched-cvm.ts";

/** Fetch the live states of any number of CVMs, in batches. No CVM costs no call. */
async function fetchLiveStates(
  upstream: Upstream,
  vmUuids: readonly string[],
): Promise<ReadonlyMap<string, LiveState>> {
  const batches = Array.from({ length: Math.ceil(vmUuids.length / MAX_STATUS_BATCH) }, (_, index) =>
    vmUuids.slice(index * MAX_STATUS_BATCH, (index + 1) * MAX_STATUS_BATCH),
  );
  const answers = await Promise.all(batches.map((batch) => fetchStatusBatch(upstream, batch)));
  return new Map(answers.flatMap((answer) => [...answer]));
}

function applyStates(
  states: ReadonlyMap<string, LiveState>,
  asked: readonly WatchedCvm[],
  upstream: Upstream,
  { observe, lookUp }: SingleReads,
): void {
  for (const watched of asked) {
    const { vmUuid } = watched.cvm;
    const live = (vmUuid === null ? null : states.get(toVmKey(vmUuid))) ?? null;
    if (live === null) void lookUp(watched, upstream);
    else {
      watched.lookups = 0;
      watched.nextLookup = 0;
      observe(watched, upstream, live);
    }
  }
}

/** A refused batch may be about one of its CVMs, so each is read alone. A bad credential is about all of them. */
function applyFailure(
  error: unknown,
  asked: readonly WatchedCvm[],
  upstream: Upstream,
  followed: FollowedCvms,
  { lookUp }: SingleReads,
): void {
  if (hasCode(error, pollContinuesAfter)) return;
  const isAboutOne = error instanceof GatewayError && error.code !== "UNAUTHENTICATED";
  for (const watched of asked) {
    if (isAboutOne) void lookUp(watched, upstream);
    else followed.fail(watched, error);
  }
}

/** Fetch the live states of all followed CVMs, and send them to the subscribers. */
export async function pollStatus(
  upstream: Upstream,
  followed: FollowedCvms,
  reads: SingleReads,
): Promise<PollResult> {
  const asked = followed.list();
  const listFollowed = () => asked.filter(followed.has);
  try {
    const vmUuids = asked.flatMap(({ cvm: { vmUuid } }) => (vmUuid === null ? [] : [vmUuid]));
    applyStates(await fetchLiveStates(upstream, vmUuids), listFollowed(), upstream, reads);
    return { failed: false };
  } catch (error) {
    applyFailure(error, listFollowed(), upstream, followed, reads);
    const retryAfterMs = error instanceof GatewayError ? (error.retryAfterMs ?? 0) : 0;
    return { failed: true, retryAfterMs };
  }
}
