import type { Hono } from "hono";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import type { Workspace } from "../../workspace/workspace.ts";

/** Register the reads of the user that a key belongs to. */
export function registerUser(app: Hono<ApiEnv>): void {
  app.get("/auth/me", (c) => {
    const workspace = c.get("workspace");
    return jsonResponse(
      200,
      isLegacyVersion(c.get("version")) ? describeFlatUser(workspace) : describeUser(workspace),
    );
  });
}

function describeUser(workspace: Workspace) {
  return {
    user: {
      username: workspace.username,
      email: `${workspace.username}@sandbox.invalid`,
      role: "user",
      avatar: "",
      email_verified: true,
      totp_enabled: false,
      has_backup_codes: false,
      flag_has_password: true,
    },
    workspace: {
      id: workspace.id,
      name: workspace.name,
      slug: workspace.slug,
      tier: "pro",
      role: "owner",
      avatar: null,
    },
    credits: {
      balance: "1000.00",
      granted_balance: "0.00",
      is_post_paid: false,
      outstanding_amount: null,
    },
  };
}

function describeFlatUser(workspace: Workspace) {
  return {
    username: workspace.username,
    email: `${workspace.username}@sandbox.invalid`,
    credits: 1000,
    granted_credits: 0,
    avatar: "",
    team_name: workspace.name,
    team_tier: "pro",
  };
}
