import type { Hono } from "hono";
import { z } from "zod";
import { buildRevisionChange } from "../../cvm/change.ts";
import { submitChange } from "../../cvm/submit-change.ts";
import type { Cvm, Revision } from "../../cvm/types.ts";
import { businessError, plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { parseOptionalJsonBody } from "../../http/validation.ts";
import type { World } from "../../world.ts";
import { operationResponse, runPhase } from "../configure/phases.ts";
import { requireInstances } from "./instances.ts";
import { requireRevision } from "./revisions.ts";

const targetBody = z.union([
  z.array(z.string()),
  z.looseObject({ vm_uuids: z.array(z.string()).optional() }),
]);

/** Register `POST /apps/{id}/revisions/{revision}/redeploy`. */
export function registerAppRedeploy(app: Hono<ApiEnv>, world: World): void {
  app.post("/apps/:app/revisions/:revision/redeploy", async (c) => {
    const instances = requireInstances(c);
    const { revision } = requireRevision(world, c, instances);
    const body = parseOptionalJsonBody(targetBody, c.get("body"));
    const wanted = (Array.isArray(body) ? body : (body.vm_uuids ?? [])).map((uuid) =>
      uuid.replaceAll("-", ""),
    );
    const targets = instances.filter(
      (cvm) => wanted.length === 0 || wanted.includes(cvm.vmUuid.replaceAll("-", "")),
    );
    const [target] = targets;
    if (target === undefined) throw businessError(404, "ERR-03-001", "CVM not found");
    if (instances.length > 1 && wanted.length === 0) {
      throw plainError(400, "The app has several CVMs. Name the targets in vm_uuids.");
    }
    let response = await redeploy(world, c, target, revision);
    for (const other of targets.slice(1)) response = await redeploy(world, c, other, revision);
    return response;
  });
}

/** Register `POST /cvms/{id}/revisions/{revision}/redeploy`. */
export function registerCvmRedeploy(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/:id/revisions/:revision/redeploy", (c) => {
    const { revision } = requireRevision(world, c, [c.get("cvm")]);
    return redeploy(world, c, c.get("cvm"), revision);
  });
}

async function redeploy(world: World, c: ApiContext, cvm: Cvm, revision: Revision): Promise<Response> {
  const change = buildRevisionChange(cvm, revision.config);
  const transactionHash = c.req.query("transaction_hash");
  if (transactionHash === undefined) {
    return operationResponse(await submitChange(world, c.get("workspace"), cvm, change, false));
  }
  const proof = { composeHash: change.compose.hash, transactionHash };
  return operationResponse(await runPhase(world, c, cvm, change, proof));
}
