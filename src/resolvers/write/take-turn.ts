import type { Context } from "../../context.ts";
import { assertCredential, nameOwner, type Owner } from "../../credential.ts";
import { hasCode, optionalReadMayFailWith } from "../../errors.ts";
import type { Turn } from "../../locks/types.ts";
import { type CvmRef, isOwnId } from "../../upstream/cvm-ref.ts";
import { Loaders } from "../../upstream/loaders.ts";
import type { Protection } from "./protection.ts";

/**
 * Name the lock of the writes that one credential, with its workspace, sends to one CVM. An identifier other than
 * `cvm_…` costs one upstream call, which the checks of the write share.
 *
 * A write by commit token has a lock of its own, named by the token alone. Such a write comes from anyone, and the
 * caller's credential may not be used to resolve the CVM. Under the name of the CVM, a stranger with a made-up
 * token could hold up the owner.
 *
 * @throws {GatewayError} `UNAUTHENTICATED`, `NOT_FOUND`, `FORBIDDEN`
 */
export async function nameLock(ctx: Context, ref: CvmRef, token: Owner | null): Promise<string> {
  if (token !== null) return nameOwner(token);
  assertCredential(ctx.credential);
  return `${nameOwner(ctx.credential)} ${isOwnId(ref) ? ref : await resolveCvmId(ctx, ref)}`;
}

/**
 * Find the id of a CVM. When the REST API does not say it, the identifier stands for itself: a failed read must
 * not block a write, and the REST API rejects a second write itself while the first one runs.
 */
async function resolveCvmId(ctx: Context, ref: CvmRef): Promise<string> {
  try {
    return (await ctx.loaders.cvm(ref)).id;
  } catch (error) {
    if (hasCode(error, optionalReadMayFailWith)) return ref;
    throw error;
  }
}

/**
 * Run a write when it is its turn. After a wait, its reads are fresh: another write has changed the CVM. Each request
 * that changes something is sent only while the lock is held.
 *
 * @throws {GatewayError} `CANCELLED`, `UNAUTHENTICATED`, `LOCK_UNAVAILABLE`
 */
export function takeTurn<T>(
  ctx: Context,
  lock: string,
  { idempotencyKey, expectedVersion }: Protection,
  run: (turn: Turn) => Promise<T>,
): Promise<T> {
  const { client, deadline, expiresAt, requestId } = ctx;
  const isProtected = idempotencyKey !== null || expectedVersion !== null;
  return ctx.cvmLocks.run(lock, { client, deadline, expiresAt, requestId, isProtected }, async (turn) => {
    if (turn.hasWaited) ctx.loaders = new Loaders(ctx.upstream, ctx.chains);
    ctx.upstream.guardWrites(turn.assertHeld);
    try {
      return await run(turn);
    } finally {
      ctx.upstream.guardWrites(null);
    }
  });
}
