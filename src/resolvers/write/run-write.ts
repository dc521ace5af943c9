import type { Context } from "../../context.ts";
import { assertCredential, type Owner } from "../../credential.ts";
import type { Turn } from "../../locks/types.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { Loaders } from "../../upstream/loaders.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { orUnknown } from "../cvm/change-flags.ts";
import { parseCvmRefArgument } from "../cvm/cvm-ref-argument.ts";
import { assertMayWrite, assertNotExpired, resolvePermittedTarget } from "./assert-permission.ts";
import { assertReady } from "./assert-ready.ts";
import { auditWrite } from "./audit-write.ts";
import { explainBusy } from "./explain-busy.ts";
import { explainUnverified } from "./explain-unverified.ts";
import { runOncePerKey } from "./idempotency-key.ts";
import { assertNoProblems } from "./input-problem.ts";
import { type ProtectedInput, parseProtection } from "./protection.ts";
import { repeatWhileRefused } from "./repeat-while-refused.ts";
import { nameLock, takeTurn } from "./take-turn.ts";
import type { Write, WriteResult } from "./types.ts";

/**
 * Run a mutation from its input to its result.
 *
 * The reads that checks need happen under the lock of the CVM, together with the write that they protect: a
 * check on data from before the lock could miss what another write changed. Waiting, for a
 * busy CVM, for its lock or for a transaction, happens outside of the lock.
 *
 * @throws {GatewayError} `UNAUTHENTICATED`, `FORBIDDEN` and `BAD_USER_INPUT` before any call; `VERSION_CONFLICT`,
 *   `OPERATION_IN_PROGRESS`, `IDEMPOTENCY_KEY_REUSED`, `AUDIT_UNAVAILABLE`, `LOCK_UNAVAILABLE` before anything is
 *   sent; the codes of the write itself
 */
export function runWrite<Input extends ProtectedInput, Payload, Outcome extends object>(
  ctx: Context,
  write: Write<Input, Payload, Outcome>,
  input: Input,
): Promise<Outcome & WriteResult> {
  return auditWrite(ctx, write, input, () => checkAndRun(ctx, write, input));
}

async function checkAndRun<Input extends ProtectedInput, Payload, Outcome extends object>(
  ctx: Context,
  write: Write<Input, Payload, Outcome>,
  input: Input,
): Promise<Outcome & WriteResult> {
  const needed = assertMayWrite(ctx, write.name, input);
  // No value of an input is looked at before there is a credential, so that it cannot cost anything.
  if (write.owner === undefined) assertCredential(ctx.credential);
  const cvmRef = parseCvmRefArgument(input.id, "input.id");
  const protection = parseProtection(ctx, input);
  assertNoProblems(await write.check(input, ctx));

  let sentTo = cvmRef;
  const outcome = await runOncePerKey(ctx, write, input, protection, async (beforeSending) => {
    const byToken = write.owner !== undefined;
    const { ref, assertAgain } = await resolvePermittedTarget(ctx, cvmRef, needed, byToken);
    sentTo = ref;
    const checkAndSend = async (turn: Turn | null) => {
      assertNotExpired(ctx);
      await assertAgain(await assertReady(ctx, ref, protection));
      const payload = await write.prepare(ctx, ref, input);
      await ctx.audit.assertAvailable();
      assertNotExpired(ctx);
      await beforeSending();
      await turn?.confirm();
      return write.send(ctx, ref, payload);
    };
    const lock = write.skipsLock ? null : await nameLock(ctx, ref, findToken(ctx, write, input));
    const attempt = () =>
      lock === null ? checkAndSend(null) : takeTurn(ctx, lock, protection, checkAndSend);
    return repeatWhileRefused(ctx, protection, attempt, {
      busy: (error) => explainBusy(ctx, ref, error),
      unverified: (error) => explainUnverified(ctx, input, error),
    });
  });

  const cvmBefore = await findCvmBefore(ctx, [sentTo, cvmRef]);
  forgetReads(ctx);
  const { listMeasured } = write;
  return {
    ...outcome,
    cvmRef,
    cvmBefore,
    ...(listMeasured && { listMeasured: (present) => listMeasured(input, present) }),
  };
}

/**
 * Find the commit token that a write of an unknown caller acts with. For a signed-in caller the write has the lock
 * of its CVM, as every other one.
 */
function findToken<Input extends ProtectedInput, Payload, Outcome>(
  { caller }: Context,
  { owner }: Write<Input, Payload, Outcome>,
  input: Input,
): Owner | null {
  return caller?.scheme === "token" ? null : (owner?.(input) ?? null);
}

/** Find what this request read of the CVM before its write. Sends nothing. */
async function findCvmBefore(ctx: Context, refs: readonly CvmRef[]): Promise<Cvm | null> {
  const asked = refs.map((ref) => ctx.loaders.findAskedCvm(ref)).find((read) => read !== undefined);
  return asked === undefined ? null : await orUnknown(asked);
}

/** Forget what this request read before the write, and let subscriptions poll immediately. */
function forgetReads(ctx: Context): void {
  ctx.loaders = new Loaders(ctx.upstream, ctx.chains);
  ctx.watches.pollSoon(ctx.credential);
}
