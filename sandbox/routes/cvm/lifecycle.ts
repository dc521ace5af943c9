import type { Hono } from "hono";
import { z } from "zod";
import { predictBoot } from "../../cvm/boot.ts";
import { cancelOperation, refreshState, startOperation } from "../../cvm/operation.ts";
import { assertUnlocked } from "../../cvm/submit-change.ts";
import { planRestart, planShutdown, planStart, planStop, type Timeline } from "../../cvm/timeline.ts";
import type { Cvm } from "../../cvm/types.ts";
import { businessError } from "../../http/api-error.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { emptyResponse, jsonResponse } from "../../http/respond.ts";
import { parseJsonBody, parseOptionalJsonBody } from "../../http/validation.ts";
import { describeVm } from "../../wire/vm.ts";
import { findCvm } from "../../workspace/find-cvm.ts";
import { findChain, type World } from "../../world.ts";

/** Register power and deletion. */
export function registerCvmLifecycle(app: Hono<ApiEnv>, world: World): void {
  const answerVm = (c: ApiContext, cvm: Cvm) =>
    jsonResponse(200, describeVm(c.get("workspace"), cvm, world.clock.now(), c.get("version")));

  app.post("/cvms/:id/start", async (c) => {
    const cvm = c.get("cvm");
    assertUnlocked(world, cvm);
    if (refreshState(cvm, world.clock.now()).status === "running") {
      throw businessError(400, "ERR-02-008", "The CVM is running already.");
    }
    await boot(world, cvm, "power_on", planStart);
    return answerVm(c, cvm);
  });

  app.post("/cvms/:id/restart", async (c) => {
    const cvm = c.get("cvm");
    const { force } = parseOptionalJsonBody(z.looseObject({ force: z.boolean().nullish() }), c.get("body"));
    assertUnlocked(world, cvm);
    await boot(world, cvm, "restart", (plan) => planRestart(plan, force === true));
    return answerVm(c, cvm);
  });

  app.post("/cvms/:id/shutdown", (c) => {
    const cvm = c.get("cvm");
    assertUnlocked(world, cvm);
    if (refreshState(cvm, world.clock.now()).status !== "running") {
      throw businessError(400, "ERR-02-008", "The CVM is not running.");
    }
    powerOff(world, cvm, "shutdown", planShutdown());
    return answerVm(c, cvm);
  });

  app.post("/cvms/:id/stop", (c) => {
    stop(world, c.get("cvm"));
    return answerVm(c, c.get("cvm"));
  });

  app.delete("/cvms/:id", (c) => {
    const { cvms } = c.get("workspace");
    cvms.splice(cvms.indexOf(c.get("cvm")), 1);
    return emptyResponse();
  });
}

/** Register `POST /cvms/batch-stop`. It must come before the routes of `/cvms/:id`. */
export function registerBatchStop(app: Hono<ApiEnv>, world: World): void {
  app.post("/cvms/batch-stop", (c) => {
    const ids = parseJsonBody(
      z.union([z.array(z.string()).max(50), z.object({ cvm_ids: z.array(z.string()).max(50) })]),
      c.get("body"),
    );
    const cvms = (Array.isArray(ids) ? ids : ids.cvm_ids).map((id) => findCvm(c.get("workspace"), id));
    for (const cvm of cvms) stop(world, cvm);
    return jsonResponse(200, { total: cvms.length, stopped: cvms.length, failed: 0, errors: [] });
  });
}

/** Start an operation that boots the CVM with its present configuration. */
export async function boot(
  world: World,
  cvm: Cvm,
  type: string,
  plan: (prediction: Awaited<ReturnType<typeof predictBoot>>["plan"]) => Timeline,
): Promise<void> {
  const prediction = await predictBoot(cvm, cvm.config, findChain(world, cvm.kms));
  assertUnlocked(world, cvm);
  startOperation(
    cvm,
    {
      type,
      target: "running",
      timeline: plan(prediction.plan),
      failure: prediction.failure,
      config: type === "create" ? cvm.config : null,
      guestEnv: prediction.guestEnv,
    },
    world.clock.now(),
  );
}

/** Stop a CVM by force. Cancels a running operation. Never rejected. */
function stop(world: World, cvm: Cvm): void {
  cancelOperation(cvm, world.clock.now());
  powerOff(world, cvm, "power_off", planStop());
}

function powerOff(world: World, cvm: Cvm, type: string, timeline: Timeline): void {
  startOperation(
    cvm,
    { type, target: "stopped", timeline, failure: null, config: null, guestEnv: null },
    world.clock.now(),
  );
}
