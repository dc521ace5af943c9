import type { Hono } from "hono";
import { NODE_LIST } from "../../catalog/nodes.ts";
import type { CvmConfig } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { WORKSPACE_LIMITS, type Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";

/** Register the reads of the workspace. A request selects one of its key. */
export function registerWorkspaces(app: Hono<ApiEnv>, world: World): void {
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
    return jsonResponse(200, describeQuotas(workspace, world.clock.now()));
  });
}

function requireOwn(c: ApiContext): Workspace {
  const workspace = c.get("workspace");
  const slug = c.req.param("slug");
  if (slug !== workspace.slug && slug !== workspace.id) throw plainError(404, "Workspace not found");
  return workspace;
}

function describeWorkspace(workspace: Workspace) {
  return {
    id: workspace.id,
    name: workspace.name,
    slug: workspace.slug,
    tier: "pro",
    role: "owner",
    is_default: workspace.isDefault,
    created_at: new Date(workspace.createdAt).toISOString(),
    confidential_models_enabled: false,
    billing_status: "active",
    suspended_at: null,
  };
}

function describeQuotas(workspace: Workspace, now: number) {
  const remaining = (limit: number, used: number) => ({ limit, remaining: Math.max(0, limit - used) });
  const rest = (limit: number, pick: (config: CvmConfig) => number) =>
    remaining(
      limit,
      workspace.cvms.reduce((total, cvm) => total + pick(cvm.config), 0),
    );
  return {
    team_slug: workspace.slug,
    tier: "pro",
    quotas: {
      vm_slots: remaining(WORKSPACE_LIMITS.cvms, workspace.cvms.length),
      vcpu: rest(WORKSPACE_LIMITS.vcpu, (config) => config.vcpu),
      memory_mb: rest(WORKSPACE_LIMITS.memoryMb, (config) => config.memoryMb),
      disk_gb: rest(WORKSPACE_LIMITS.diskGb, (config) => config.diskGb),
    },
    reserved_nodes: remaining(0, 0),
    reserved_gpu: { gpus: remaining(0, 0), in_use: 0, misconfigured: 0 },
    as_of: new Date(now).toISOString(),
  };
}
