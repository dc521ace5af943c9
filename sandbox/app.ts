import { Hono, type MiddlewareHandler } from "hono";
import { createControlRoutes } from "./control.ts";
import { settle } from "./cvm/operation.ts";
import { authenticate } from "./http/authenticate.ts";
import type { ApiEnv } from "./http/context.ts";
import { BASE_PATH, readBody, recordRequest } from "./http/record-request.ts";
import { errorResponse, jsonResponse } from "./http/respond.ts";
import { failBySentinel } from "./http/sentinels.ts";
import { registerApps } from "./routes/app/apps.ts";
import { registerAppIsAllowed, registerCvmIsAllowed } from "./routes/app/is-allowed.ts";
import { registerAppRevisions, registerCvmRedeploy } from "./routes/app/revisions.ts";
import { registerCommitUpdate } from "./routes/configure/commit-update.ts";
import { registerCvmComposeFile } from "./routes/configure/compose-file.ts";
import { registerCvmTextUpdates } from "./routes/configure/compose-text.ts";
import { registerOfficialScript } from "./routes/configure/official-script.ts";
import { registerCvmConfiguration } from "./routes/configure/patch.ts";
import { registerCvmSettings } from "./routes/configure/settings.ts";
import { registerCvmDeploy } from "./routes/cvm/deploy.ts";
import { registerCvmDetail } from "./routes/cvm/detail.ts";
import { registerBatchStop, registerCvmLifecycle } from "./routes/cvm/lifecycle.ts";
import { registerCvmList } from "./routes/cvm/list.ts";
import { registerCvmOperations } from "./routes/cvm/operations.ts";
import { registerCvmState } from "./routes/cvm/state.ts";
import { registerKms } from "./routes/platform/kms.ts";
import { registerCatalog } from "./routes/platform/nodes.ts";
import { registerAccount } from "./routes/platform/workspaces.ts";
import { findCvm } from "./workspace/find-cvm.ts";
import type { World } from "./world.ts";

/** Assembles the sandbox. The order is what counts: routes above `/cvms/:id/*` are not taken for a CVM's. */
export function createApp(world: World): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const api = app.basePath(BASE_PATH);
  api.use("*", recordRequest(world), readBody(), authenticate(world));
  registerAccount(api, world);
  registerCatalog(api, world);
  registerKms(api, world);
  registerApps(api, world);
  registerAppRevisions(api, world);
  registerAppIsAllowed(api, world);
  registerCvmList(api, world);
  registerCvmDeploy(api, world);
  registerBatchStop(api, world);
  registerCommitUpdate(api, world);

  // Matches `/cvms/{id}` itself as well.
  api.use("/cvms/:id/*", loadCvm(world), failBySentinel(world));
  registerCvmDetail(api, world);
  registerCvmState(api, world);
  registerCvmOperations(api, world);
  registerCvmConfiguration(api, world);
  registerCvmTextUpdates(api, world);
  registerCvmSettings(api, world);
  registerCvmComposeFile(api, world);
  registerCvmLifecycle(api, world);
  registerCvmRedeploy(api, world);
  registerCvmIsAllowed(api, world);
  registerOfficialScript(api, world);

  refuseOtherMethods(app);
  app.route("/__sandbox", createControlRoutes(world));
  app.notFound(() => jsonResponse(404, { detail: "Not Found" }));
  app.onError((error, c) => errorResponse(error, c.get("requestId")));
  return app;
}

/** Finds the CVM that the path names, and brings it up to now, before the route looks at anything else. */
function loadCvm(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const identifier = c.req.param("id") ?? "";
    const cvm = findCvm(c.get("workspace"), identifier);
    settle(cvm, world.clock.now());
    c.set("cvm", cvm);
    await next();
  };
}

/** Answers 405 where a path is known and the method is not. */
function refuseOtherMethods(app: Hono<ApiEnv>): void {
  const methods = new Map<string, Set<string>>();
  for (const { method, path } of app.routes) {
    if (method !== "ALL") methods.set(path, (methods.get(path) ?? new Set()).add(method));
  }
  for (const [path, allowed] of methods) {
    const allow = [...allowed].join(", ");
    app.all(path, () => jsonResponse(405, { detail: "Method Not Allowed" }, { allow }));
  }
}
