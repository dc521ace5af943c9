import type { Hono } from "hono";
import { buildChange, patchSchema } from "../../cvm/change.ts";
import { settle } from "../../cvm/operation.ts";
import { acceptChange, type Outcome, submitChange, verifyProof } from "../../cvm/submit-change.ts";
import { validationError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readJson } from "../../http/validation.ts";
import type { World } from "../../world.ts";

/** `PATCH /cvms/{id}`: several settings in one change, in both phases. */
export function registerCvmConfiguration(app: Hono<ApiEnv>, world: World): void {
  app.patch("/cvms/:id", async (c) => {
    const cvm = c.get("cvm");
    const patch = readJson(patchSchema, c.get("body"));
    settle(cvm, world.clock.now());
    const proof = readProofHeaders(c);
    if (proof !== null) {
      // What was asked in the first phase is applied; the body of the second one is not looked at.
      const pending = await verifyProof(world, cvm, proof);
      return answerOutcome(await acceptChange(world, cvm, pending));
    }
    const change = buildChange(cvm, patch);
    const prepareOnly = /^(?:true|1)$/i.test(c.req.header("x-prepare-only") ?? "");
    return answerOutcome(await submitChange(world, c.get("workspace"), cvm, change, prepareOnly));
  });
}

/** The answer to an accepted change: 202, with a correlation id only when something restarts. */
export function answerOutcome(operation: Outcome, more: Readonly<Record<string, unknown>> = {}): Response {
  if (operation === null) {
    return jsonResponse(202, { status: "no_change", message: "Compose configuration unchanged" });
  }
  return jsonResponse(202, {
    status: "in_progress",
    message: "CVM update initiated",
    correlation_id: operation.correlationId,
    ...more,
  });
}

/**
 * Reads the two headers of the second phase; null when neither is there.
 *
 * @throws ApiError 422 when one is missing
 */
export function readProofHeaders(c: ApiContext): { composeHash: string; transactionHash: string } | null {
  const composeHash = c.req.header("x-compose-hash");
  const transactionHash = c.req.header("x-transaction-hash");
  if (composeHash === undefined && transactionHash === undefined) return null;
  if (composeHash !== undefined && transactionHash !== undefined) return { composeHash, transactionHash };
  const missing = composeHash === undefined ? "X-Compose-Hash" : "X-Transaction-Hash";
  throw validationError([{ loc: ["header", missing], msg: "Field required", type: "missing" }]);
}
