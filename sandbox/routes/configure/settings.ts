import type { Hono } from "hono";
import { z } from "zod";
import { buildChange } from "../../cvm/change.ts";
import { refreshState } from "../../cvm/operation.ts";
import { submitChange } from "../../cvm/submit-change.ts";
import type { Cvm } from "../../cvm/types.ts";
import { businessError, plainError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { emptyResponse, jsonResponse } from "../../http/respond.ts";
import { parseJsonBody, parseOptionalJsonBody } from "../../http/validation.ts";
import { describeCvmId } from "../../wire/cvm-item.ts";
import { describeVm } from "../../wire/vm.ts";
import { findCvm } from "../../workspace/find-cvm.ts";
import type { World } from "../../world.ts";
import { operationResponse, parseProofHeaders, runPhase } from "./phases.ts";

/** Older SDKs send whole numbers as floats and `allow_restart` as a boolean or a number. */
const resourcesBody = z.looseObject({
  vcpu: z.int().min(1).max(256).nullish(),
  memory: z.int().min(512).nullish(),
  disk_size: z.int().min(1).max(10_240).nullish(),
  instance_type: z.string().nullish(),
  allow_restart: z.union([z.boolean(), z.int()]).nullish(),
});

const visibilityBody = z.looseObject({
  public_sysinfo: z.boolean(),
  public_logs: z.boolean(),
  public_tcbinfo: z.boolean().nullish(),
});

/** Rule for names: 5 to 63 characters, starts with a letter, no double hyphen, no hyphen at the end. */
export const nameSchema = z
  .string()
  .min(5)
  .max(63)
  .regex(/^[a-zA-Z](?!.*--)(?:[a-zA-Z0-9-]*[a-zA-Z0-9])?$/, "Value error, must be a valid hostname");

const scheduleBody = z.looseObject({ scheduled_delete_at: z.iso.datetime({ offset: true }).nullable() });
const instanceIdBody = z.looseObject({
  overwrite: z.boolean().nullish(),
  dry_run: z.boolean().nullish(),
});

/** Register the other single-purpose changes of a CVM. */
export function registerCvmSettings(app: Hono<ApiEnv>, world: World): void {
  const answerVm = (c: ApiContext) =>
    jsonResponse(200, describeVm(c.get("workspace"), c.get("cvm"), world.clock.now(), c.get("version")));

  app.patch("/cvms/:id/resources", async (c) => {
    const { vcpu, memory, disk_size, instance_type } = parseJsonBody(resourcesBody, c.get("body"));
    const change = buildChange(c.get("cvm"), { vcpu, memory, disk_size, instance_type });
    return operationResponse(await submitChange(world, c.get("workspace"), c.get("cvm"), change, false));
  });

  app.patch("/cvms/:id/visibility", async (c) => {
    const { public_sysinfo, public_logs, public_tcbinfo } = parseJsonBody(visibilityBody, c.get("body"));
    const change = buildChange(c.get("cvm"), { public_sysinfo, public_logs, public_tcbinfo });
    await runPhase(world, c, c.get("cvm"), change, parseProofHeaders(c));
    return answerVm(c);
  });

  app.patch("/cvms/:id/os-image", async (c) => {
    const { os_image_name } = parseJsonBody(
      z.looseObject({ os_image_name: z.string().min(1) }),
      c.get("body"),
    );
    const change = buildChange(c.get("cvm"), { image: os_image_name });
    return operationResponse(await submitChange(world, c.get("workspace"), c.get("cvm"), change, false));
  });

  app.patch("/cvms/:id/name", (c) => {
    const { name } = parseJsonBody(z.looseObject({ name: nameSchema }), c.get("body"));
    const taken = c.get("workspace").cvms.some((cvm) => cvm !== c.get("cvm") && cvm.name === name);
    if (taken) throw nameTakenError(c.get("cvm"), name);
    c.get("cvm").name = name;
    return emptyResponse();
  });

  app.patch("/cvms/:id/listed", (c) => {
    c.get("cvm").listed = parseJsonBody(z.looseObject({ listed: z.boolean() }), c.get("body")).listed;
    return answerVm(c);
  });

  app.patch("/cvms/:id/scheduled-delete", (c) => {
    c.get("cvm").scheduledDeleteAt = parseJsonBody(scheduleBody, c.get("body")).scheduled_delete_at;
    return answerVm(c);
  });

  app.patch("/cvms/:id/instance-id", (c) => {
    parseOptionalJsonBody(instanceIdBody, c.get("body"));
    return jsonResponse(200, describeRefresh(c, c.get("cvm")));
  });
}

const instanceIdsBody = z.looseObject({
  cvm_ids: z.array(z.string()).nullish(),
  running_only: z.boolean().nullish(),
  missing_only: z.boolean().nullish(),
  limit: z.int().min(1).max(500).nullish(),
});

/** Register `PATCH /cvms/instance-ids`. It must come before the routes of `/cvms/:id`. */
export function registerInstanceIds(app: Hono<ApiEnv>, world: World): void {
  app.patch("/cvms/instance-ids", (c) => {
    const { cvm_ids, limit, running_only, missing_only } = parseOptionalJsonBody(
      instanceIdsBody,
      c.get("body"),
    );
    const { cvms } = c.get("workspace");
    const named = cvm_ids?.map((id) => findCvm(c.get("workspace"), id)) ?? cvms;
    const now = world.clock.now();
    const scanned = named
      .filter((cvm) => running_only !== true || refreshState(cvm, now).status === "running")
      .filter((cvm) => missing_only !== true || cvm.instanceId === null)
      .slice(0, limit ?? 100);
    const items = scanned.map((cvm) => describeRefresh(c, cvm));
    const unchanged = items.filter(({ status }) => status === "unchanged").length;
    return jsonResponse(200, {
      total: named.length,
      scanned: items.length,
      updated: 0,
      unchanged,
      skipped: items.length - unchanged,
      conflicts: 0,
      errors: 0,
      items,
    });
  });
}

/** Create the published error of a name that another CVM has, or the one that the real API was seen to send. */
function nameTakenError({ behaviors }: Cvm, name: string) {
  return behaviors.has("name-taken-400")
    ? plainError(400, `CVM name "${name}" is already in use in this workspace`)
    : businessError(409, "ERR-01-004", "Another CVM has this name. Choose another one.");
}

/** Describe the refresh of the instance id. It never changes, because the sandbox always knows it. */
function describeRefresh(c: ApiContext, cvm: Cvm) {
  return {
    cvm_id: describeCvmId(cvm, c.get("version")),
    identifier: cvm.vmUuid,
    status: cvm.instanceId === null ? "skipped" : "unchanged",
    old_instance_id: cvm.instanceId,
    new_instance_id: cvm.instanceId,
    source: cvm.instanceId === null ? "none" : "teepod_state",
    verified_with_gateway: cvm.instanceId !== null,
    reason: cvm.instanceId === null ? "The CVM has never booted." : null,
  };
}
