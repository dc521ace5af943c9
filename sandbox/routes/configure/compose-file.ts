import type { Hono } from "hono";
import { z } from "zod";
import { isOnChain } from "../../catalog/kms.ts";
import { appComposeSchema } from "../../cvm/app-compose.ts";
import {
  buildChange,
  buildComposeChange,
  type Change,
  encryptedEnvSchema,
  patchSchema,
} from "../../cvm/change.ts";
import { acceptChange, assertUnlocked, keepChange, PENDING_MS } from "../../cvm/submit-change.ts";
import type { Cvm, Operation } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeKmsNode } from "../../wire/kms.ts";
import { findChain, type World } from "../../world.ts";
import { operationResponse, parseProofHeaders, runPhase } from "./phases.ts";

/** The whole app-compose at the top level. A missing key gets its default, not its present value. */
const provisionBody = appComposeSchema.extend({ update_env_vars: z.boolean().nullish() });

const envFields = {
  encrypted_env: encryptedEnvSchema.nullish(),
  env_keys: z.array(z.string()).nullish(),
};

const commitBody = z.looseObject({
  compose_hash: z.string().min(1),
  update_env_vars: z.boolean().nullish(),
  ...envFields,
});

const oneShotBody = z.looseObject({ compose_file: appComposeSchema, compose_hash: z.string(), ...envFields });

/** Body of the oldest update. The manifest replaces single members of the app-compose. */
const putBody = z.looseObject({
  compose_manifest: patchSchema,
  encrypted_env: encryptedEnvSchema.nullish(),
});

/** Register the compose-file update in two steps and in one. The first two never answer 465: the KMS checks at boot. */
export function registerCvmComposeFile(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/compose_file/provision", async (c) => {
    const cvm = c.get("cvm");
    const { update_env_vars, ...given } = parseJsonBody(provisionBody, c.get("body"));
    if (!given.docker_compose_file && !given.bash_script) throw plainError(400, "Compose file is empty");
    // Without the flag, the list in the body is ignored and the present one is kept.
    const compose =
      update_env_vars === true ? given : { ...given, allowed_envs: cvm.config.compose.json.allowed_envs };
    const change = buildComposeChange(cvm, compose, {});
    keepChange(cvm.provisioned, change, world.clock.now());
    const chain = findChain(world, cvm.kms);
    return jsonResponse(200, {
      app_id: cvm.appId,
      device_id: cvm.node.deviceId,
      compose_hash: change.compose.hash,
      kms_info: isOnChain(cvm.kms) ? describeKmsNode(cvm.kms) : null,
      compose_hash_registered: (await chain?.isComposeHashAllowed(cvm.appId, change.compose.hash)) ?? false,
      compose_unchanged: !change.changesHash,
    });
  });

  app.patch("/cvms/:id/compose_file", async (c) => {
    const cvm = c.get("cvm");
    const body = parseJsonBody(commitBody, c.get("body"));
    const provision = cvm.provisioned.get(bareHex(body.compose_hash));
    if (provision === undefined || world.clock.now() - provision.createdAt > PENDING_MS) {
      throw plainError(400, "Provision not found or expired. Provision the compose file again.");
    }
    // The keys of the commit rewrite the provisioned list, and so the hash: another list is not registered.
    const { json } = provision.compose;
    const rewritten = body.update_env_vars === true && body.env_keys != null;
    const compose = rewritten ? { ...json, allowed_envs: body.env_keys ?? [] } : json;
    const change = buildComposeChange(cvm, compose, { encrypted_env: body.encrypted_env });
    return operationResponse(await commit(world, cvm, change));
  });

  app.put("/cvms/:id/compose", async (c) => {
    const cvm = c.get("cvm");
    const body = parseJsonBody(putBody, c.get("body"));
    const change = buildChange(cvm, { ...body.compose_manifest, encrypted_env: body.encrypted_env });
    return operationResponse(await runPhase(world, c, cvm, change, parseProofHeaders(c)));
  });

  app.post("/cvms/:id/compose_file", async (c) => {
    const cvm = c.get("cvm");
    const body = parseJsonBody(oneShotBody, c.get("body"));
    const compose = { ...body.compose_file, allowed_envs: body.env_keys ?? body.compose_file.allowed_envs };
    const change = buildComposeChange(cvm, compose, { encrypted_env: body.encrypted_env });
    if (change.compose.hash !== bareHex(body.compose_hash)) {
      throw plainError(
        400,
        "compose_hash is not the hash of compose_file. Provision the compose file to get its hash.",
      );
    }
    return operationResponse(await commit(world, cvm, change));
  });
}

async function commit(world: World, cvm: Cvm, change: Change): Promise<Operation | null> {
  assertUnlocked(world, cvm);
  return change.hasEffect ? acceptChange(world, cvm, change) : null;
}
