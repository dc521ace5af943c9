import { createHmac, randomBytes, randomUUID } from "node:crypto";
import { assertCredential, type Credential } from "../credential.ts";
import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import type { CvmRef } from "../upstream/cvm-ref.ts";
import type { ConnectionPools } from "../upstream/transport/connection-pools.ts";
import { createUpstream } from "../upstream/transport/upstream.ts";
import type { LatestValue } from "./latest-value.ts";
import { createWatch, type Watch } from "./poll-loop.ts";
import type { Observation } from "./watched-cvm.ts";

/** How many streams there may be, and how often each credential's watch polls, in milliseconds. */
export type WatchLimits = {
  readonly intervalMs: number;
  readonly maxStreamsPerCaller: number;
  readonly maxStreams: number;
};

/** What is followed: a CVM's live state, or with a correlation id one operation of it. */
type WatchTarget = {
  readonly ref: CvmRef;
  readonly correlationId: string | null;
  /** Aborts when the client leaves. */
  readonly signal: AbortSignal;
};

/** All watches of a process, one for each credential. Nothing that one brings is shown to another. */
export type WatchHub = {
  readonly intervalMs: number;
  /**
   * Opens a stream. It has to be left, by `return()` or by the target's signal.
   *
   * @throws {GatewayError} `UNAUTHENTICATED` without a credential and `RATE_LIMITED` with too many streams,
   * both before anything is sent; those of reading the CVM.
   */
  open(caller: Credential | null, target: WatchTarget): Promise<LatestValue<Observation>>;
  /** Lets the watch of a credential poll at once, if there is one: something was written with it. */
  poke(caller: Credential | null): void;
  /** Ends every stream. */
  close(): void;
};

type Room = { readonly watch: Watch; readonly controller: AbortController; streams: number };

/** How long a client with too many streams waits at least, milliseconds. */
const FULL_RETRY_MS = 5_000;

function createFullError(): GatewayError {
  return new GatewayError("RATE_LIMITED", errorMessages.tooManyStreams, {
    retryAfterMs: FULL_RETRY_MS,
  });
}

/** Makes the watches of a process. It sends nothing and holds no timer while nobody watches. */
export function createWatchHub(pools: ConnectionPools, log: Logger, limits: WatchLimits): WatchHub {
  const rooms = new Map<string, Room>();
  const hashKey = randomBytes(32);
  let streams = 0;

  // Rooms are found by a keyed hash, so that no credential is a key that could be printed.
  const toRoomKey = ({ scheme, secret }: Credential): string =>
    createHmac("sha256", hashKey).update(`${scheme}\0${secret}`).digest("base64");

  function createRoom(caller: Credential): Room {
    const controller = new AbortController();
    const watch = createWatch({
      intervalMs: limits.intervalMs,
      openUpstream() {
        const requestId = randomUUID();
        const { signal } = controller;
        const scope = { caller, requestId, signal, deadline: Number.POSITIVE_INFINITY };
        return createUpstream(pools, { ...scope, log: log.child({ requestId }) });
      },
    });
    return { watch, controller, streams: 0 };
  }

  function enter(caller: Credential): { readonly room: Room; leave(): void } {
    const key = toRoomKey(caller);
    const room = rooms.get(key) ?? createRoom(caller);
    if (streams >= limits.maxStreams || room.streams >= limits.maxStreamsPerCaller) throw createFullError();
    rooms.set(key, room);
    room.streams += 1;
    streams += 1;
    let left = false;
    return {
      room,
      leave() {
        if (left) return;
        left = true;
        room.streams -= 1;
        streams -= 1;
        if (room.streams > 0) return;
        rooms.delete(key);
        room.watch.stop();
        room.controller.abort();
      },
    };
  }

  return {
    intervalMs: limits.intervalMs,
    async open(caller, { ref, correlationId, signal }) {
      assertCredential(caller);
      const { room, leave } = enter(caller);
      // A client that leaves while its CVM is still being read must not keep that read alive.
      signal.addEventListener("abort", leave, { once: true });
      try {
        const values = await room.watch.join(ref, correlationId, () => {
          signal.removeEventListener("abort", leaveStream);
          leave();
        });
        const leaveStream = () => void values.return();
        signal.removeEventListener("abort", leave);
        signal.addEventListener("abort", leaveStream, { once: true });
        if (signal.aborted) leaveStream();
        return values;
      } catch (error) {
        signal.removeEventListener("abort", leave);
        leave();
        throw error;
      }
    },
    poke(caller) {
      if (caller !== null) rooms.get(toRoomKey(caller))?.watch.poke();
    },
    close() {
      for (const { watch, controller } of rooms.values()) {
        watch.stop();
        controller.abort();
      }
      rooms.clear();
    },
  };
}
