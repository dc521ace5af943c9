import { randomUUID } from "node:crypto";
import type { Identity } from "../access/types.ts";
import { ClientPresence } from "../client-presence.ts";
import { assertCredential, type Caller, type Credential, nameOwner } from "../credential.ts";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import type { ConnectionPools } from "../upstream/transport/connection-pools.ts";
import { createUpstream } from "../upstream/transport/upstream.ts";
import { callAtTime } from "./at-time.ts";
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
  readonly client: ClientPresence;
};

/** Who opens a stream. The stream counts for the caller, and shares the poll of the credential. */
type Subscriber = Pick<Identity, "caller" | "credential" | "expiresAt">;

/** All watches of a process, one for each credential with its workspace. They share no results. */
export type WatchHub = {
  readonly intervalMs: number;
  /** The operations that streams and polling clients follow without finding them. */
  readonly untraced: UntracedOperations;
  /**
   * Open a stream. End it with `return()` or with the signal of the target. It fails with `UNAUTHENTICATED` when the
   * token of its caller expires.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` without a credential and `RATE_LIMITED` with too many streams,
   * both before anything is sent; the codes of reading the CVM
   */
  open(subscriber: Subscriber, target: WatchTarget): Promise<LatestValue<Observation>>;
  /** Return the number of open streams. */
  count(): number;
  /** Let the watch of a credential poll as soon as possible, because something was written. */
  pollSoon(credential: Credential | null): void;
  /** End every stream. */
  close(): void;
};

/** The watch of one credential. Its reads end when `subscribers` have left. */
type CredentialWatch = { readonly watch: Watch; readonly subscribers: ClientPresence; streams: number };

/** Shortest wait for a client with too many streams, in milliseconds. */
const TOO_MANY_STREAMS_RETRY_MS = 5_000;

function createCredentialWatch(
  credential: Credential,
  pools: ConnectionPools,
  log: Logger,
  intervalMs: number,
): CredentialWatch {
  const subscribers = new ClientPresence();
  const watch = createWatch({
    intervalMs,
    openUpstream() {
      const requestId = randomUUID();
      const deadline = Number.POSITIVE_INFINITY;
      return createUpstream(pools, { caller: credential, requestId, log, client: subscribers, deadline });
    },
  });
  return { watch, subscribers, streams: 0 };
}

function stopWatch({ watch, subscribers }: CredentialWatch): void {
  watch.stop();
  subscribers.leave();
}

/**
 * Follow the target. The stream, or the read that it begins with, ends when the client disconnects. The stream fails
 * when the token of its caller expires.
 */
async function follow(
  { watch }: CredentialWatch,
  { ref, correlationId, client }: WatchTarget,
  expiresAt: number | null,
  leave: () => void,
): Promise<LatestValue<Observation>> {
  let values: LatestValue<Observation> | null = null;
  const onAbort = () => (values === null ? leave() : void values.return());
  let cancelExpiry = () => {};
  const onLeave = () => {
    client.forget(onAbort);
    cancelExpiry();
    leave();
  };
  client.onLeave(onAbort);
  try {
    const stream = await watch.join(ref, correlationId, onLeave);
    values = stream;
    if (client.hasLeft) void stream.return();
    else if (expiresAt !== null) cancelExpiry = callAtTime(expiresAt, () => stream.fail(createExpiryError()));
    return stream;
  } catch (error) {
    onLeave();
    throw error;
  }
}

function createExpiryError(): GatewayError {
  return new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpired);
}

/** Create the watches of a process. Without subscribers they send nothing and run no timer. */
export function createWatchHub(pools: ConnectionPools, log: Logger, limits: WatchLimits): WatchHub {
  const watches = new Map<string, CredentialWatch>();
  /** Number of open streams by the name of their caller. */
  const streamsOfCallers = new Map<string, number>();
  let streams = 0;

  /** Count a stream. @returns the watch, and a function that ends the count and acts once */
  function enter(
    credential: Credential,
    caller: Caller,
  ): { readonly watched: CredentialWatch; leave(): void } {
    const owner = nameOwner(caller);
    const ownStreams = streamsOfCallers.get(owner) ?? 0;
    if (streams >= limits.maxStreams || ownStreams >= limits.maxStreamsPerCaller) {
      throw new GatewayError("RATE_LIMITED", errorMessages.tooManyStreams, {
        retryAfterMs: TOO_MANY_STREAMS_RETRY_MS,
      });
    }
    const key = nameOwner(credential);
    const watched = watches.get(key) ?? createCredentialWatch(credential, pools, log, limits.intervalMs);
    watches.set(key, watched);
    watched.streams += 1;
    streamsOfCallers.set(owner, ownStreams + 1);
    streams += 1;
    let hasLeft = false;
    return {
      watched,
      leave() {
        if (hasLeft) return;
        hasLeft = true;
        watched.streams -= 1;
        streams -= 1;
        const left = (streamsOfCallers.get(owner) ?? 1) - 1;
        if (left === 0) streamsOfCallers.delete(owner);
        else streamsOfCallers.set(owner, left);
        if (watched.streams > 0) return;
        watches.delete(key);
        stopWatch(watched);
      },
    };
  }

  return {
    intervalMs: limits.intervalMs,
    untraced: createUntracedOperations(limits.intervalMs),
    async open({ caller, credential, expiresAt }, target) {
      assertCredential(credential);
      const { watched, leave } = enter(credential, caller ?? credential);
      return follow(watched, target, expiresAt, leave);
    },
    count: () => streams,
    pollSoon(credential) {
      if (credential !== null && watches.size > 0) watches.get(nameOwner(credential))?.watch.pollSoon();
    },
    close() {
      for (const watched of watches.values()) stopWatch(watched);
      watches.clear();
    },
  };
}
