import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import type { WriteInput } from "../../schema/input/write.ts";
import type { Protection } from "./protection.ts";
import type { Write } from "./types.ts";

/**
 * Run a write once per idempotency key. A repeat with the same key and input returns the first outcome. Without
 * a key, or without a credential that the key belongs to, the write simply runs.
 *
 * @param run - sends the write. It awaits `beforeSending` before the first request that changes something.
 * @throws {GatewayError} those of `Idempotency.run`
 */
export async function runOncePerKey<Input extends WriteInput, Payload, Outcome>(
  ctx: Context,
  { name, owner: chooseOwner, skipsLock }: Write<Input, Payload, Outcome>,
  input: Input,
  { idempotencyKey: key }: Protection,
  run: (beforeSending: () => Promise<void>) => Promise<Outcome>,
): Promise<Outcome> {
  // A signed-in caller keeps its keys to itself, also with a commit token that others know.
  const owner = ctx.caller?.scheme === "token" ? ctx.caller : (chooseOwner?.(input) ?? ctx.caller);
  if (key === null || owner === null) return run(async () => undefined);
  const { idempotencyKey: _key, ...change } = input;
  const writesBefore = ctx.upstream.stats.writes;
  return ctx.idempotency.run(
    {
      owner,
      key,
      operation: name,
      input: change,
      isEmergency: skipsLock === true,
      signal: ctx.client.signal,
      deadline: ctx.deadline,
      expiresAt: ctx.expiresAt,
      mayHaveBeenApplied: (error) => ctx.upstream.stats.writes > writesBefore && isUnsettled(error),
    },
    run,
  );
}

/** Whether a write that was sent and failed with this error may have been applied all the same. */
export function isUnsettled(error: unknown): boolean {
  if (!(error instanceof GatewayError)) return true;
  const { code, upstream } = error;
  if (code === "OUTCOME_UNKNOWN" || code === "UPSTREAM_MALFORMED") return true;
  return upstream !== undefined && upstream.status >= 500;
}
