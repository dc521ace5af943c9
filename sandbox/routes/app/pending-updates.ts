import type { Hono } from "hono";
import { refreshState } from "../../cvm/operation.ts";
import { PENDING_MS } from "../../cvm/submit-change.ts";
import type { Cvm, PendingChange } from "../../cvm/types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { bareHex } from "../../identity.ts";
import { findChain, type World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

/** Register the reads of the changes that wait for their commit. */
export function registerAppPendingUpdates(app: Hono<ApiEnv>, world: World): void {
  const list = (cvm: Cvm) => listPending(cvm, world.clock.now());

  app.get("/apps/:app/pending-updates", async (c) => {
    const instances = requireInstances(c);
    const pending = instances.flatMap((cvm) => list(cvm).map((change) => ({ cvm, change })));
    const items = pending.map(async ({ cvm, change: { compose } }) => ({
      vm_uuid: cvm.vmUuid,
      compose_hash: compose.hash,
      on_chain: (await findChain(world, cvm.kms)?.isComposeHashAllowed(cvm.appId, compose.hash)) ?? false,
      instance_name: cvm.name,
    }));
    return jsonResponse(200, { items: await Promise.all(items) });
  });

  app.get("/apps/:app/pending-updates/:uuid/:hash/preview", (c) => {
    const uuid = c.req.param("uuid").replaceAll("-", "");
    const hash = bareHex(c.req.param("hash"));
    const cvm = requireInstances(c).find(({ vmUuid }) => vmUuid.replaceAll("-", "") === uuid);
    const change = cvm && list(cvm).find(({ compose }) => compose.hash === hash);
    if (cvm === undefined || change === undefined) throw plainError(404, "Pending update not found");
    const { json: present } = cvm.config.compose;
    const { json: pending } = change.compose;
    return jsonResponse(200, {
      current_docker_compose: present.docker_compose_file ?? null,
      pending_docker_compose: pending.docker_compose_file ?? null,
      current_pre_launch_script: present.pre_launch_script ?? null,
      pending_pre_launch_script: pending.pre_launch_script ?? null,
    });
  });
}

/** List the prepared and the provisioned changes of a CVM that are not applied, one per hash. */
function listPending(cvm: Cvm, now: number): readonly PendingChange[] {
  refreshState(cvm, now);
  const byHash = new Map([...cvm.provisioned, ...cvm.pending]);
  return [...byHash.values()].filter(
    ({ compose, createdAt }) => compose.hash !== cvm.config.compose.hash && now - createdAt <= PENDING_MS,
  );
}
