import type { Hono } from "hono";
import { z } from "zod";
import { refreshState } from "../../cvm/operation.ts";
import type { Cvm, Revision } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { pageQuery, paginate } from "../../http/pagination.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";
import { describeUserRef, describeWorkspaceRef } from "../../wire/cvm-info.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

const revisionsQuery = pageQuery(50, 1000);

const detailQuery = z.looseObject({ raw_compose_file: z.stringbool().default(false) });

type Entry = { readonly cvm: Cvm; readonly revision: Revision };

/** Register the reads of revisions: the configurations that an app has had, newest first. */
export function registerAppRevisions(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps/:app/revisions", (c) => {
    const query = parseQuery(revisionsQuery, c.req.url);
    const { items, pages, ...page } = paginate(listRevisions(world, requireInstances(c)), query);
    const revisions = items.map((entry) => describeRevision(c.get("workspace"), entry));
    return jsonResponse(200, { revisions, ...page, total_pages: pages });
  });

  app.get("/apps/:app/revisions/:revision", (c) => {
    const entry = requireRevision(world, c, requireInstances(c));
    const { raw_compose_file: raw } = parseQuery(detailQuery, c.req.url);
    const { compose, env, userConfig } = entry.revision.config;
    return jsonResponse(200, {
      ...describeRevision(c.get("workspace"), entry),
      compose_file: raw ? compose.text : compose.json,
      encrypted_env: env.encrypted,
      user_config: userConfig,
    });
  });
}

/**
 * Return the revision that the path names.
 *
 * @throws ApiError 404
 */
export function requireRevision(world: World, c: ApiContext, instances: readonly Cvm[]): Entry {
  const id = c.req.param("revision");
  const entry = listRevisions(world, instances).find(({ revision }) => revision.id === id);
  if (entry === undefined) throw plainError(404, "Revision not found");
  return entry;
}

function listRevisions(world: World, instances: readonly Cvm[]): Entry[] {
  const entries = instances.flatMap((cvm) => {
    refreshState(cvm, world.clock.now());
    return cvm.revisions.map((revision) => ({ cvm, revision }));
  });
  return entries.reverse().sort((one, other) => other.revision.createdAt - one.revision.createdAt);
}

function describeRevision(workspace: Workspace, { cvm, revision }: Entry) {
  return {
    revision_id: revision.id,
    app_id: cvm.appId,
    vm_uuid: cvm.vmUuid,
    compose_hash: revision.config.compose.hash,
    created_at: new Date(revision.createdAt).toISOString(),
    trace_id: revision.correlationId,
    operation_type: revision.operationType,
    triggered_by: describeUserRef(workspace),
    cvm: { object_type: "cvm", id: cvm.id, name: cvm.name, app_id: cvm.appId, vm_uuid: cvm.vmUuid },
    workspace: describeWorkspaceRef(workspace),
  };
}
