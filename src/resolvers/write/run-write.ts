import type { Context } from "../../context.ts";
import { assertCredential } from "../../credential.ts";
import { createLoaders } from "../../upstream/loaders.ts";
import { parseCvmRefArgument } from "../cvm/cvm-ref-argument.ts";
import { assertReady } from "./assert-ready.ts";
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
 * check on data from before the lock could miss what another write of this process changed. Waiting, for a
 * busy CVM, for its lock or for a transaction, happens outside of the lock.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` and `BAD_USER_INPUT` before any call; `VERSION_CONFLICT`, `OPERATION_IN_PROGRESS`,
 *   `IDEMPOTENCY_KEY_REUSED` before anything is sent; the codes of the write itself
 */
export async function runWrite<Input extends ProtectedInput, Payload, Outcome extends object>(
  ctx: Context,
  write: Write<Input, Payload, Outcome>,
  input: Input,
): Promise<Outcome & WriteResult> {
  // Nothing of an input is looked at before there is a credential, so that it cannot cost anything.
  if (write.owner === undefined) assertCredential(ctx.credential);
  const cvmRef = parseCvmRefArgument(input.id, "input.id");
  const protection = parseProtection(ctx, input);
  assertNoProblems(await write.check(input, ctx));

  const outcome = await runOncePerKey(ctx, write, input, protection, async (beforeSending) => {
    const checkAndSend = async () => {
      await assertReady(ctx, cvmRef, protection);
      const payload = await write.prepare(ctx, cvmRef, input);
      await beforeSending();
      return write.send(ctx, cvmRef, payload);
    };
    const lock = write.skipsLock ? null : await nameLock(ctx, cvmRef, write.owner?.(input) ?? null);
    const attempt = lock === null ? checkAndSend : () => takeTurn(ctx, lock, checkAndSend);
    return repeatWhileRefused(ctx, protection, attempt, {
      busy: (error) => explainBusy(ctx, cvmRef, error),
      unverified: (error) => explainUnverified(ctx, input, error),
    });
  });

  forgetReads(ctx);
  const { listMeasured } = write;
  return {
    ...outcome,
    cvmRef,
    ...(listMeasured && { listMeasured: (present) => listMeasured(input, present) }),
  };
}

/** Forget what this request read before the write, and let subscriptions poll immediately. */
function forgetReads(ctx: Context): void {
  ctx.loaders = createLoaders(ctx.upstream, ctx.chains);
  ctx.watches.pollSoon(ctx.credential);
}
