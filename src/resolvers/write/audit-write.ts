import { setTimeout as sleep } from "node:timers/promises";
import type { AuditCaller, AuditEntry } from "../../access/audit.ts";
import { listChangedSettings } from "../../access/permissions.ts";
import { noRights } from "../../access/rights.ts";
import type { Context } from "../../context.ts";
import { nameOwner, type Owner } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import { deriveFrom } from "../../idempotency/sealed-outcome.ts";
import { isOwnId, parseCvmRef } from "../../upstream/cvm-ref.ts";
import { isUnsettled } from "./idempotency-key.ts";
import { fetchCorrelationId } from "./in-progress.ts";
import type { ProtectedInput } from "./protection.ts";
import type { InProgress, Write } from "./types.ts";

/** The longest time that a line waits for the id of its CVM or of its operation, in milliseconds. */
const READ_MS = 1_000;

/** Length of the fingerprint of an idempotency key. */
const FINGERPRINT_BYTES = 16;

type Ending = Pick<AuditEntry, "outcome" | "result" | "code" | "correlationId">;

/**
 * Run a write, and add its line to the audit log before its answer leaves, whether the write was accepted, refused
 * or has an unknown outcome. The line never takes the answer. A write without a caller has no line.
 *
 * @throws {GatewayError} `AUDIT_UNAVAILABLE` before anything is sent; those of `run`
 */
export async function auditWrite<Input extends ProtectedInput, Payload, Outcome, Result extends object>(
  ctx: Context,
  write: Write<Input, Payload, Outcome>,
  input: Input,
  run: () => Promise<Result>,
): Promise<Result> {
  const isAnonymous = ctx.caller === null && (write.owner === undefined || ctx.rights === noRights);
  // Nothing is sent for an anonymous caller. Its lines would let anyone fill the log.
  if (!ctx.audit.isOn || isAnonymous) return run();
  const { stats } = ctx.upstream;
  const writesBefore = stats.writes;
  const cvmId = findCvmId(ctx, input.id);
  const line = describeWrite(ctx, write, input);
  const ran = await settle(async () => {
    await ctx.audit.assertAvailable();
    return run();
  });
  const sent = stats.writes > writesBefore;
  const ending = "error" in ran ? describeError(ran.error, sent) : await describeResult(ctx, ran.result);
  await ctx.audit.write({ ...line, cvmId: await cvmId, ...ending, sent });
  if ("error" in ran) throw ran.error;
  return ran.result;
}

/** Run a function. @returns what it returns, or what it throws */
async function settle<T>(
  run: () => Promise<T>,
): Promise<{ readonly result: T } | { readonly error: unknown }> {
  try {
    return { result: await run() };
  } catch (error) {
    return { error };
  }
}

function describeWrite<Input extends ProtectedInput, Payload, Outcome>(
  ctx: Context,
  { name, owner: chooseOwner }: Write<Input, Payload, Outcome>,
  input: Input,
) {
  const owner = ctx.caller ?? chooseOwner?.(input) ?? null;
  const key = input.idempotencyKey ?? ctx.idempotencyKey;
  return {
    requestId: ctx.requestId,
    caller: owner === null ? null : describeCaller(owner),
    workspace: ctx.caller?.workspace ?? null,
    mutation: name,
    settings: listChangedSettings(name, input),
    idempotencyKey: owner === null || key === null ? null : createFingerprint(owner, key),
  };
}

function describeCaller(owner: Owner): AuditCaller {
  if (owner.scheme === "token") return { issuer: owner.issuer, subject: owner.subject };
  const name = nameOwner(owner);
  return owner.scheme === "commitToken" ? { commitToken: name } : { credential: name };
}

function createFingerprint({ secret }: Owner, key: string): string {
  return deriveFrom(secret, "audit-key", key).subarray(0, FINGERPRINT_BYTES).toString("base64url");
}

function isInProgress(result: object): result is InProgress {
  return "kind" in result && result.kind === "InProgress";
}

async function describeResult(ctx: Context, result: object): Promise<Ending> {
  const kind = "kind" in result && typeof result.kind === "string" ? result.kind : null;
  const correlationId = isInProgress(result) ? await inTime(fetchCorrelationId(ctx, result)) : null;
  return { outcome: "accepted", result: kind, code: null, correlationId };
}

function describeError(error: unknown, sent: boolean): Ending {
  const { code, correlationId = null } =
    error instanceof GatewayError ? error : { code: "INTERNAL_SERVER_ERROR" };
  const isUnknown = code === "OUTCOME_UNKNOWN" || (sent && isUnsettled(error));
  return { outcome: isUnknown ? "unknown" : "refused", result: null, code, correlationId };
}

/** Await a read that only the line needs. @returns null if it fails or takes too long */
function inTime<T>(read: Promise<T>): Promise<T | null> {
  return Promise.race([read.catch(() => null), sleep(READ_MS, null, { ref: false })]);
}

/** Find the id of a CVM. Costs one upstream call for any other identifier, which the write shares. */
async function findCvmId(ctx: Context, id: string): Promise<string | null> {
  const ref = parseCvmRef(id);
  if (ref === null || isOwnId(ref)) return ref;
  const cvm = ctx.credential === null ? null : await inTime(ctx.loaders.cvm(ref));
  return cvm?.id ?? null;
}
