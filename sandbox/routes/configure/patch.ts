import type { Hono } from "hono";
import { buildChange, patchSchema } from "../../cvm/change.ts";
import { refreshState } from "../../cvm/operation.ts";
import { acceptChange, submitChange, verifyProof } from "../../cvm/submit-change.ts";
import type { ApiEnv } from "../../http/context.ts";
import { parseJsonBody } from "../../http/validation.ts";
import type { World } from "../../world.ts";
import { operationResponse, parsePrepareOnly, parseProofHeaders } from "./phases.ts";

/** Register `PATCH /cvms/{id}`: several settings in one change, in both phases. */
export function registerCvmPatch(app: Hono<ApiEnv>, world: World): void {
  app.patch("/cvms/:id", async (c) => {
    const cvm = c.get("cvm");
    const patch = parseJsonBody(patchSchema, c.get("body"));
    refreshState(cvm, world.clock.now());
    const proof = parseProofHeaders(c);
    if (proof !== null) {
      // The body of the first phase is applied. The body of the second phase is not read.
      const pending = await verifyProof(world, cvm, proof);
      return operationResponse(await acceptChange(world, cvm, pending));
    }
    const change = buildChange(cvm, patch);
    return operationResponse(await submitChange(world, c.get("workspace"), cvm, change, parsePrepareOnly(c)));
  });
}
