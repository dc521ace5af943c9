import { lockTimes } from "../redis/limits.ts";
import { createLostError, createPausedError, createUnreachableError } from "./lock-error.ts";
import type { LockPlace, LockReply, LockScripts } from "./lock-scripts.ts";

/** A moment on both clocks, in milliseconds. The steady one stands still while a virtual machine is suspended. */
export type Moment = { readonly steady: number; readonly wall: number };

/** Return the present moment. */
export function readClocks(): Moment {
  return { steady: performance.now(), wall: Date.now() };
}

/** Who holds a lock, and since when. */
export type Holder = {
  readonly place: LockPlace;
  /** Random id. */
  readonly owner: string;
  /** When the command that took the lock was sent. Redis counts the lease from a later moment. */
  readonly since: Moment;
  readonly isProtected: boolean;
};

/** A lock that this process holds until it is released. */
export type Lease = {
  /** Renew the lease now. @throws {GatewayError} `LOCK_UNAVAILABLE` */
  confirm(): Promise<void>;
  /** Compare the lease with the clocks of this process. @throws {GatewayError} `LOCK_UNAVAILABLE` */
  assertHeld(): void;
  /** Stop the renewals. */
  end(): void;
};

/**
 * Keep a lock with renewals.
 *
 * @param onError - called for a renewal that failed
 */
export function keepLease(
  scripts: LockScripts,
  { place, owner, since, isProtected }: Holder,
  onError: (error: unknown) => void,
): Lease {
  let renewedAt = since;
  let isLost = false;
  /** A write that needs no protection is sent without the lock. */
  let hasGivenUp = false;

  async function renew(): Promise<LockReply> {
    const sentAt = readClocks();
    const reply = await scripts.renew(place, owner, isProtected);
    if (reply.state === "lost") isLost = true;
    else renewedAt = sentAt;
    return reply;
  }

  function leavesTooLittle(): boolean {
    const now = readClocks();
    const usedMs = Math.max(now.steady - renewedAt.steady, now.wall - renewedAt.wall);
    return usedMs > lockTimes.lease - lockTimes.margin;
  }

  function assertHeld(): void {
    if (isLost || (isProtected && leavesTooLittle())) throw createLostError();
  }

  const timer = setInterval(() => void renew().catch(onError), lockTimes.renewal).unref();
  return {
    async confirm() {
      const reply = await renew().catch((error) => {
        onError(error);
        if (isProtected) throw createUnreachableError(error);
        hasGivenUp = true;
        return null;
      });
      if (hasGivenUp) return;
      if (reply?.state === "paused") throw createPausedError(reply.endsInMs);
      assertHeld();
    },
    assertHeld,
    end: () => clearInterval(timer),
  };
}
