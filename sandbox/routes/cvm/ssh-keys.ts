import type { Hono } from "hono";
import { z } from "zod";
import { refreshState } from "../../cvm/operation.ts";
import { assertUnlocked } from "../../cvm/submit-change.ts";
import { planRestart } from "../../cvm/timeline.ts";
import type { Cvm } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseJsonBody } from "../../http/validation.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";
import { boot } from "./lifecycle.ts";

const keysBody = z.looseObject({
  ssh_key_ids: z.array(z.string()),
  usernames: z.array(z.string()).nullish(),
  apply_now: z.boolean().nullish(),
});

/** Register `GET` and `PUT /cvms/{id}/ssh-keys`. A change takes effect at the next start of the CVM. */
export function registerCvmSshKeys(app: Hono<ApiEnv>, world: World): void {
  app.get("/cvms/:id/ssh-keys", (c) =>
    jsonResponse(200, describeKeys(c.get("workspace"), c.get("cvm"), world.clock.now())),
  );

  app.put("/cvms/:id/ssh-keys", async (c) => {
    const [workspace, cvm] = [c.get("workspace"), c.get("cvm")];
    const { ssh_key_ids: ids, apply_now } = parseJsonBody(keysBody, c.get("body"));
    const known = new Set(workspace.sshKeys.map(({ id }) => id));
    if (ids.some((id) => !known.has(id)))
      throw plainError(404, "SSH key not found. GET /user/ssh-keys lists them.");
    if (apply_now === true) assertUnlocked(world, cvm);
    cvm.sshKeyIds = ids;
    cvm.sshKeysChangedAt = world.clock.now();
    if (apply_now === true) await boot(world, cvm, "restart", (plan) => planRestart(plan, false));
    return jsonResponse(200, describeKeys(workspace, cvm, world.clock.now()));
  });
}

function describeKeys(workspace: Workspace, cvm: Cvm, now: number) {
  const { status, since } = refreshState(cvm, now);
  const keys = workspace.sshKeys.filter(({ id }) => cvm.sshKeyIds.includes(id));
  return {
    keys: keys.map((key) => ({
      id: key.id,
      owner_user_id: workspace.userId,
      owner_username: workspace.username,
      added_by_user_id: workspace.userId,
      name: key.name,
      public_key: key.publicKey,
      fingerprint: key.fingerprint,
      key_type: key.keyType,
    })),
    restart_required: status === "running" && (cvm.sshKeysChangedAt ?? since) > since,
  };
}
