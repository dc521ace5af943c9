import { randomUUID } from "node:crypto";
import { assertCredential, type Credential, nameOwner } from "../credential.ts";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import type { ConnectionPools } from "../upstream/transport/connection-pools.ts";
import { createUpstream } from "../upstream/transport/upstream.ts";
import type { LatestValue } from "./latest-value.ts";
import { createUntracedOperations, type UntracedOperations } from "./untraced-operations.ts";
import { createWatch, type Watch } from "./watch.ts";
import type { Observation } from "./watched-cvm.ts";

/** Limits of the streams of a process, and the interval of each caller's poll in milliseconds. */
export type WatchLimits = {
  readonly intervalMs: number;
  readonly maxStreamsPerCaller: number;
  readonly maxStreams: number;
};

/** What a stream follows: the live state of a CVM or, with a correlation id, one operation of it. */
type WatchTarget = {
  readonly ref: CvmRef;
  readonly correlationId: string | null;
  /** Aborts when the client disconnects. */
  readonly signal: AbortSignal;
};

/** All watches of a process, one for each credential with its workspace. They share no results. */
export type WatchHub = {
  readonly intervalMs: number;
  /** The operations that streams and polling clients follow without finding them. */
  readonly untraced: UntracedOperations;
  /**
   * Open a stream. End it with `return()` or with the signal of the target.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` without a credential and `RATE_LIMITED` with too many streams,
   * both before anything is sent; the codes of reading the CVM
   */
  open(caller: Credential | null, target: WatchTarget): Promise<LatestValue<Observation>>;
  /** Return the number of open streams. */
  count(): number;
  /** Let the watch of a credential poll as soon as possible, because something was written. */
  pollSoon(caller: Credential | null): void;
  /** End every stream. */
  close(): void;
};

/** The watch of one credential. */
type CallerWatch = { readonly watch: Watch; readonly controller: AbortController; streams: number };

/** Shortest wait for a client with too many streams, in milliseconds. */
const TOO_MANY_STREAMS_RETRY_MS = 5_000;

function createCallerWatch(
  caller: Credential,
  pools: ConnectionPools,
  log: Logger,
  intervalMs: number,
): CallerWatch {
  const controller = new AbortController();
  const watch = createWatch({
    intervalMs,
    openUpstream() {
      const requestId = randomUUID();
      const { signal } = controller;
      const scope = { caller, requestId, signal, deadline: Number.POSITIVE_INFINITY };
      return createUpstream(pools, { ...scope, log: log.child({ requestId }) });
    },
  });
  return { watch, controller, streams: 0 };
}

function stopWatch({ watch, controller }: CallerWatch): void {
  watch.stop();
  controller.abort();
}

/** Follow the target. The stream, or the read that it begins with, ends when the client disconnects. */
async function follow(
  { watch }: CallerWatch,
  { ref, correlationId, signal }: WatchTarget,
  leave: () => void,
): Promise<LatestValue<Observation>> {
  let values: LatestValue<Observation> | null = null;
  const onAbort = () => (values === null ? leave() : void values.return());
  const onLeave = () => {
    signal.removeEventListener("abort", onAbort);
    leave();
  };
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    values = await watch.join(ref, correlationId, onLeave);
    if (signal.aborted) void values.return();
    return values;
  } catch (error) {
    onLeave();
    throw error;
  }
}

/** Create the watches of a process. Without subscribers they send nothing and run no timer. */
export function createWatchHub(pools: ConnectionPools, log: Logger, limits: WatchLimits): WatchHub {
  const watches = new Map<string, CallerWatch>();
  let streams = 0;

  /** Count a stream. @returns the watch, and a function that ends the count and acts once */
  function enter(caller: Credential): { readonly callerWatch: CallerWatch; leave(): void } {
    const key = nameOwner(caller);
    const callerWatch = watches.get(key) ?? createCallerWatch(caller, pools, log, limits.intervalMs);
    if (streams >= limits.maxStreams || callerWatch.streams >= limits.maxStreamsPerCaller) {
      throw new GatewayError("RATE_LIMITED", errorMessages.tooManyStreams, {
        retryAfterMs: TOO_MANY_STREAMS_RETRY_MS,
      });
    }
    watches.set(key, callerWatch);
    callerWatch.streams += 1;
    streams += 1;
    let hasLeft = false;
    return {
      callerWatch,
      leave() {
        if (hasLeft) return;
        hasLeft = true;
        callerWatch.streams -= 1;
        streams -= 1;
        if (callerWatch.streams > 0) return;
        watches.delete(key);
        stopWatch(callerWatch);
      },
    };
  }

  return {
    intervalMs: limits.intervalMs,
    untraced: createUntracedOperations(limits.intervalMs),
    async open(caller, target) {
      assertCredential(caller);
      const { callerWatch, leave } = enter(caller);
      return follow(callerWatch, target, leave);
    },
    count: () => streams,
    pollSoon(caller) {
      if (caller !== null && watches.size > 0) watches.get(nameOwner(caller))?.watch.pollSoon();
    },
    close() {
      for (const callerWatch of watches.values()) stopWatch(callerWatch);
      watches.clear();
    },
  };
}
