import { Hono, type MiddlewareHandler } from "hono";
import { findCvm } from "./cvm/find-cvm.ts";
import { authenticate } from "./http/authenticate.ts";
import type { ApiEnv } from "./http/context.ts";
import { BASE_PATH, limitBody, readBody, recordRequest } from "./http/record-request.ts";
import { errorResponse, jsonResponse } from "./http/respond.ts";
import { failBySentinel } from "./http/sentinels.ts";
import { registerCommitUpdate } from "./routes/commit-update.ts";
import { createControlRoutes } from "./routes/control.ts";
import { registerCvmConfiguration } from "./routes/cvm-configuration.ts";
import { registerCvmDetail } from "./routes/cvm-detail.ts";
import { registerCvmList } from "./routes/cvm-list.ts";
import { registerCvmState } from "./routes/cvm-state.ts";
import type { World } from "./world.ts";

/** Assembles the sandbox. The order is what counts: routes above `/cvms/:id/*` are not taken for a CVM's. */
export function createApp(world: World): Hono<ApiEnv> {
  const app = new Hono<ApiEnv>();
  const api = app.basePath(BASE_PATH);
  api.use("*", recordRequest(world), limitBody, readBody(), authenticate(world));
  registerCvmList(api, world);
  registerCommitUpdate(api, world);

  for (const path of ["/cvms/:id", "/cvms/:id/*"]) {
    api.use(path, loadCvm(), failBySentinel(world));
  }
  registerCvmDetail(api, world);
  registerCvmState(api, world);
  registerCvmConfiguration(api, world);

  refuseOtherMethods(app);
  app.route("/__sandbox", createControlRoutes(world));
  app.notFound(() => jsonResponse(404, { detail: "Not Found" }));
  app.onError((error, c) => errorResponse(error, c.get("requestId")));
  return app;
}

/** Finds the CVM that the path names, before the route looks at anything else. */
function loadCvm(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const identifier = c.req.param("id") ?? "";
    c.set("cvm", findCvm(c.get("workspace"), identifier));
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
