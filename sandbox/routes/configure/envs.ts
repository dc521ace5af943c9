import type { Hono } from "hono";
import { z } from "zod";
import { buildChange, encryptedEnvSchema } from "../../cvm/change.ts";
import type { ApiEnv } from "../../http/context.ts";
import { parseJsonBody } from "../../http/validation.ts";
import type { World } from "../../world.ts";
import { proofFields } from "./compose-text.ts";
import { operationResponse, parseProofFields, runPhase } from "./phases.ts";

const envsBody = proofFields.extend({
  encrypted_env: encryptedEnvSchema,
  env_keys: z.array(z.string()).nullish(),
});

/** Register `PATCH …/envs`, in both phases. The hashes of the second phase are in the body. */
export function registerCvmEnvs(app: Hono<ApiEnv>, world: World): void {
  app.patch("/cvms/:id/envs", async (c) => {
    const cvm = c.get("cvm");
    const body = parseJsonBody(envsBody, c.get("body"));
    const before = cvm.config.compose.json.allowed_envs;
    const change = buildChange(cvm, { encrypted_env: body.encrypted_env, allowed_envs: body.env_keys });
    const operation = await runPhase(world, c, cvm, change, parseProofFields(body));
    const allowed_envs_changed = body.env_keys != null && body.env_keys.join("\n") !== before.join("\n");
    return operationResponse(operation, { allowed_envs_changed });
  });
}
