import type { Hono } from "hono";
import { z } from "zod";
import { buildRevisionChange } from "../../cvm/change.ts";
import { settle } from "../../cvm/operation.ts";
import { submitChange } from "../../cvm/submit-change.ts";
import type { Cvm, Revision } from "../../cvm/types.ts";
import { businessError, plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readOptionalJson, readQuery } from "../../http/validation.ts";
import { describeUserRef, describeWorkspaceRef } from "../../wire/cvm-info.ts";
import type { Workspace } from "../../workspace/workspace.ts";
import type { World } from "../../world.ts";
import { runPhase } from "../configure/compose-text.ts";
import { answerOutcome } from "../configure/patch.ts";
import { requireInstances } from "./apps.ts";

const revisionsQuery = z.looseObject({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(1000).default(50),
});

const detailQuery = z.looseObject({ raw_compose_file: z.stringbool().default(false) });

const targetBody = z.union([
  z.array(z.string()),
  z.looseObject({ vm_uuids: z.array(z.string()).optional() }),
]);

type Entry = { readonly cvm: Cvm; readonly revision: Revision };

/** The configurations that an app has had, newest first, and the way back to one. */
export function registerAppRevisions(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps/:app/revisions", (c) => {
    const { page, page_size: size } = readQuery(revisionsQuery, c.req.url);
    const all = listRevisions(world, requireInstances(c));
    return jsonResponse(200, {
      revisions: all
        .slice((page - 1) * size, page * size)
        .map((entry) => describeRevision(c.get("workspace"), entry)),
      total: all.length,
      page,
      page_size: size,
      total_pages: Math.ceil(all.length / size),
    });
  });

  app.get("/apps/:app/revisions/:revision", (c) => {
    const entry = requireRevision(c, listRevisions(world, requireInstances(c)));
    const { raw_compose_file: raw } = readQuery(detailQuery, c.req.url);
    const { compose, env, userConfig } = entry.revision.config;
    return jsonResponse(200, {
      ...describeRevision(c.get("workspace"), entry),
      compose_file: raw ? compose.text : compose.json,
      encrypted_env: env.sealed,
      user_config: userConfig,
    });
  });

  app.post("/apps/:app/revisions/:revision/redeploy", async (c) => {
    const instances = requireInstances(c);
    const { revision } = requireRevision(c, listRevisions(world, instances));
    const body = readOptionalJson(targetBody, c.get("body"));
    const wanted = (Array.isArray(body) ? body : (body.vm_uuids ?? [])).map((uuid) =>
      uuid.replaceAll("-", ""),
    );
    const targets = instances.filter(
      (cvm) => wanted.length === 0 || wanted.includes(cvm.vmUuid.replaceAll("-", "")),
    );
    const [target] = targets;
    if (target === undefined) throw businessError(404, "ERR-03-001", "CVM not found");
    if (instances.length > 1 && wanted.length === 0) {
      throw plainError(400, "The app has several CVMs; name the targets by vm_uuids");
    }
    let response = await redeploy(world, c, target, revision);
    for (const other of targets.slice(1)) response = await redeploy(world, c, other, revision);
    return response;
  });
}

/** `POST /cvms/{id}/revisions/{revision}/redeploy` */
export function registerCvmRedeploy(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/revisions/:revision/redeploy", (c) => {
    const { revision } = requireRevision(c, listRevisions(world, [c.get("cvm")]));
    return redeploy(world, c, c.get("cvm"), revision);
  });
}

async function redeploy(world: World, c: ApiContext, cvm: Cvm, revision: Revision): Promise<Response> {
  const change = buildRevisionChange(cvm, revision.config);
  const transactionHash = c.req.query("transaction_hash");
  if (transactionHash === undefined) {
    return answerOutcome(await submitChange(world, c.get("workspace"), cvm, change, false));
  }
  const proof = { composeHash: change.compose.hash, transactionHash };
  return answerOutcome(await runPhase(world, c, cvm, change, proof));
}

function listRevisions(world: World, instances: readonly Cvm[]): Entry[] {
  const entries = instances.flatMap((cvm) => {
    settle(cvm, world.clock.now());
    return cvm.revisions.map((revision) => ({ cvm, revision }));
  });
  return entries.reverse().sort((one, other) => other.revision.createdAt - one.revision.createdAt);
}

function requireRevision(c: ApiContext, entries: readonly Entry[]): Entry {
  const entry = entries.find(({ revision }) => revision.id === c.req.param("revision"));
  if (entry === undefined) throw plainError(404, "Revision not found");
  return entry;
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
