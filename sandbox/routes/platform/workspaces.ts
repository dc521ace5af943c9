import type { Hono } from "hono";
import { NODE_LIST } from "../../catalog/nodes.ts";
import { plainError } from "../../http/api-error.ts";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { MAX_CVMS, type Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

/** The user of a key and its workspace. A key has exactly one. */
export function registerAccount(app: Hono<ApiEnv>, world: World): void {
  app.get("/auth/me", (c) =>
    jsonResponse(
      200,
      isLegacyVersion(c.get("version"))
        ? describeFlatUser(c.get("workspace"))
        : describeUser(c.get("workspace")),
    ),
  );

  app.get("/workspaces", (c) =>
    jsonResponse(200, {
      data: [describeWorkspace(c.get("workspace"))],
      pagination: { has_more: false, next_cursor: null, total: 1 },
    }),
  );

  app.get("/workspaces/:slug", (c) => jsonResponse(200, describeWorkspace(requireOwn(c))));

  app.get("/workspaces/:slug/nodes", (c) => {
    requireOwn(c);
    const items = NODE_LIST.map((node) => ({
      object_type: "node",
      id: node.id,
      name: node.name,
      region: node.region,
      device_id: node.deviceId,
      ppid: node.ppid,
      status: "online",
      version: node.version,
    }));
    return jsonResponse(200, { items, total: items.length, page: 1, page_size: 100, pages: 1 });
  });

  app.get("/workspaces/:slug/quotas", (c) => {
    const workspace = requireOwn(c);
    const sum = (pick: (cvm: Workspace["cvms"][number]) => number) =>
      workspace.cvms.reduce((total, cvm) => total + pick(cvm), 0);
    const left = (limit: number, used: number) => ({ limit, remaining: Math.max(0, limit - used) });
    return jsonResponse(200, {
      team_slug: workspace.slug,
      tier: "pro",
      quotas: {
        vm_slots: left(MAX_CVMS, workspace.cvms.length),
        vcpu: left(
          512,
          sum((cvm) => cvm.config.vcpu),
        ),
        memory_mb: left(
          1_048_576,
          sum((cvm) => cvm.config.memoryMb),
        ),
        disk_gb: left(
          20_480,
          sum((cvm) => cvm.config.diskGb),
        ),
      },
      reserved_nodes: left(0, 0),
      reserved_gpu: { gpus: left(0, 0), in_use: 0, misconfigured: 0 },
      as_of: new Date(world.clock.now()).toISOString(),
    });
  });

  app.get("/user/ssh-keys", () => jsonResponse(200, []));
}

function requireOwn(c: ApiContext): Workspace {
  const workspace = c.get("workspace");
  const slug = c.req.param("slug");
  if (slug !== workspace.slug && slug !== workspace.id) throw plainError(404, "Workspace not found");
  return workspace;
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

function describeWorkspace(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    slug: workspace.slug,
    tier: "pro",
    role: "owner",
    is_default: true,
    created_at: new Date(workspace.createdAt).toISOString(),
    confidential_models_enabled: false,
    billing_status: "active",
    suspended_at: null,
  };
}
