import { Hono, type MiddlewareHandler } from "hono";
import { createControlRoutes } from "./control.ts";
import { refreshState } from "./cvm/operation.ts";
import { authenticate } from "./http/authenticate.ts";
import type { ApiEnv } from "./http/context.ts";
import { rejectGoneEndpoints } from "./http/gone-endpoints.ts";
import { BASE_PATH, bufferBody, recordRequest } from "./http/record-request.ts";
import { errorResponse, jsonResponse } from "./http/respond.ts";
import { failBySentinel } from "./http/sentinels.ts";
import { registerApps } from "./routes/app/apps.ts";
import { registerAppAttestations } from "./routes/app/attestations.ts";
import { registerAppDeviceAllowlist } from "./routes/app/device-allowlist.ts";
import { registerAppIsAllowed, registerCvmIsAllowed } from "./routes/app/is-allowed.ts";
import { registerAppKmsInfo } from "./routes/app/kms-info.ts";
import { registerAppPendingUpdates } from "./routes/app/pending-updates.ts";
import { registerAppRedeploy, registerCvmRedeploy } from "./routes/app/redeploy.ts";
import { registerAppRevisions } from "./routes/app/revisions.ts";
import { registerCommitUpdate } from "./routes/configure/commit-update.ts";
import { registerCvmComposeFile } from "./routes/configure/compose-file.ts";
import { registerCvmComposeText } from "./routes/configure/compose-text.ts";
import { registerCvmEnvs } from "./routes/configure/envs.ts";
import { registerOfficialScript } from "./routes/configure/official-script.ts";
import { registerCvmPatch } from "./routes/configure/patch.ts";
import { registerCvmSettings, registerInstanceIds } from "./routes/configure/settings.ts";
import { registerCvmDeploy } from "./routes/cvm/deploy.ts";
import { registerCvmDetail } from "./routes/cvm/detail.ts";
import { registerBatchStop, registerCvmLifecycle } from "./routes/cvm/lifecycle.ts";
import { registerCvmList } from "./routes/cvm/list.ts";
import { registerCvmOperations } from "./routes/cvm/operations.ts";
import { registerAppReplicas, registerCommitReplica, registerCvmReplicas } from "./routes/cvm/replicas.ts";
import { registerCvmSshKeys } from "./routes/cvm/ssh-keys.ts";
import { registerCvmState } from "./routes/cvm/state.ts";
import { registerInstanceTypes } from "./routes/platform/instance-types.ts";
import { registerKms } from "./routes/platform/kms.ts";
import { registerNodes } from "./routes/platform/nodes.ts";
import { registerOsImages } from "./routes/platform/os-images.ts";
import { registerSshKeys } from "./routes/platform/ssh-keys.ts";
import { registerUser } from "./routes/platform/user.ts";
import { registerWorkspaces } from "./routes/platform/workspaces.ts";
import { findCvm } from "./workspace/find-cvm.ts";
import type { World } from "./world.ts";

/**
 * Assemble the sandbox. The order matters: a route registered above `/cvms/:id/*` is not read as the name
 * of a CVM.
 */
export function createApp(world: World): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const api = app.basePath(BASE_PATH);
  api.use("*", recordRequest(world), bufferBody(), authenticate(world));
  registerPlatformRoutes(api, world);
  registerAppRoutes(api, world);
  registerCvmList(api, world);
  registerCvmDeploy(api, world);
  registerBatchStop(api, world);
  registerInstanceIds(api, world);
  registerCommitUpdate(api, world);
  registerCommitReplica(api, world);
  registerCvmRoutes(api, world);

  rejectOtherMethods(app);
  app.route("/__sandbox", createControlRoutes(world));
  app.notFound(() => jsonResponse(404, { detail: "Not Found" }));
  app.onError((error, c) => errorResponse(error, c.get("requestId")));
  return app;
}

function registerPlatformRoutes(api: Hono<ApiEnv>, world: World): void {
  registerUser(api);
  registerSshKeys(api, world);
  registerWorkspaces(api, world);
  registerInstanceTypes(api);
  registerOsImages(api);
  registerNodes(api, world);
  registerKms(api, world);
}

function registerAppRoutes(api: Hono<ApiEnv>, world: World): void {
  registerApps(api, world);
  registerAppAttestations(api, world);
  registerAppRevisions(api, world);
  registerAppRedeploy(api, world);
  registerAppIsAllowed(api, world);
  registerAppDeviceAllowlist(api, world);
  registerAppKmsInfo(api, world);
  registerAppPendingUpdates(api, world);
  registerAppReplicas(api, world);
}

/** Register the routes whose path names one CVM. */
function registerCvmRoutes(api: Hono<ApiEnv>, world: World): void {
  // Matches `/cvms/{id}` itself too.
  api.use("/cvms/:id/*", loadCvm(world), failBySentinel(world), rejectGoneEndpoints());
  registerCvmDetail(api, world);
  registerCvmState(api, world);
  registerCvmOperations(api, world);
  registerCvmPatch(api, world);
  registerCvmComposeText(api, world);
  registerCvmEnvs(api, world);
  registerCvmSettings(api, world);
  registerCvmComposeFile(api, world);
  registerCvmLifecycle(api, world);
  registerCvmReplicas(api, world);
  registerCvmSshKeys(api, world);
  registerCvmRedeploy(api, world);
  registerCvmIsAllowed(api, world);
  registerOfficialScript(api, world);
}

/** Find the CVM that the path names, and advance it to the present, before the route reads it. */
function loadCvm(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const identifier = c.req.param("id") ?? "";
    const cvm = findCvm(c.get("workspace"), identifier);
    refreshState(cvm, world.clock.now());
    c.set("cvm", cvm);
    await next();
  };
}

/** Answer 405 for a known path with an unknown method. */
function rejectOtherMethods(app: Hono<ApiEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method !== "ALL") methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowed] of methods) {
    const allow = [...allowed].join(", ");
    app.all(path, () => jsonResponse(405, { detail: "Method Not Allowed" }, { allow }));
  }
}
