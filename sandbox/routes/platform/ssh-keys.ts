import type { Hono } from "hono";
import { z } from "zod";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { emptyResponse, jsonResponse } from "../../http/respond.ts";
import { parseJsonBody } from "../../http/validation.ts";
import { deriveBytes } from "../../identity.ts";
import { createSshKey, type SshKey } from "../../workspace/ssh-key.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

const createBody = z.looseObject({ name: z.string().min(1).max(100), public_key: z.string() });

const importBody = z.looseObject({ github_username: z.string().min(1).max(39) });

/** Register the SSH keys of the user. */
export function registerSshKeys(app: Hono<ApiEnv>, world: World): void {
  app.get("/user/ssh-keys", (c) => {
    const workspace = c.get("workspace");
    return jsonResponse(
      200,
      workspace.sshKeys.map((key) => describeSshKey(workspace, key)),
    );
  });

  app.post("/user/ssh-keys", (c) => {
    const workspace = c.get("workspace");
    const { name, public_key: publicKey } = parseJsonBody(createBody, c.get("body"));
    const key = createSshKey({ name, publicKey, source: "manual", createdAt: world.clock.now() });
    addSshKey(workspace, key);
    return jsonResponse(201, describeSshKey(workspace, key));
  });

  app.delete("/user/ssh-keys/:key", (c) => {
    const { sshKeys } = c.get("workspace");
    const index = sshKeys.findIndex(({ id }) => id === c.req.param("key"));
    if (index < 0) throw plainError(404, "SSH key not found");
    sshKeys.splice(index, 1);
    return emptyResponse();
  });

  // GitHub is not asked: each name has one invented key.
  app.post("/user/ssh-keys/github-profile", (c) => {
    const { github_username: name } = parseJsonBody(importBody, c.get("body"));
    const blob = Buffer.from(deriveBytes("github-key", name)).toString("base64");
    const publicKey = `ssh-ed25519 ${blob} ${name}`;
    const key = createSshKey({ name, publicKey, source: "github_profile", createdAt: world.clock.now() });
    const added = addSshKey(c.get("workspace"), key) ? 1 : 0;
    return jsonResponse(200, {
      github_username: name,
      keys_added: added,
      keys_skipped: 1 - added,
      errors: [],
    });
  });

  app.post("/user/ssh-keys/github-sync", () =>
    jsonResponse(200, { synced_count: 0, keys_added: 0, keys_updated: 0, keys_removed: 0, errors: [] }),
  );
}

/** Add a key; return false when the user has it already. */
function addSshKey({ sshKeys }: Workspace, key: SshKey): boolean {
  if (sshKeys.some(({ id }) => id === key.id)) return false;
  sshKeys.push(key);
  return true;
}

function describeSshKey(workspace: Workspace, key: SshKey) {
  const createdAt = new Date(key.createdAt).toISOString();
  return {
    id: key.id,
    user_id: workspace.userId,
    name: key.name,
    public_key: key.publicKey,
    fingerprint: key.fingerprint,
    key_type: key.keyType,
    source: key.source,
    key_metadata: null,
    last_synced_at: null,
    created_at: createdAt,
    updated_at: createdAt,
  };
}
