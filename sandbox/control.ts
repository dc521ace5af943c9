import { type Context, Hono } from "hono";
import { z } from "zod";
import { answerJsonRpc } from "./chain/json-rpc.ts";
import { refreshState } from "./cvm/operation.ts";
import { BEHAVIORS, type Cvm } from "./cvm/types.ts";
import { plainError } from "./http/api-error.ts";
import { findKey, findTenant } from "./http/authenticate.ts";
import { collectBody } from "./http/collect-body.ts";
import { errorResponse, jsonResponse } from "./http/respond.ts";
import { parseJsonBody } from "./http/validation.ts";
import { describeLog } from "./wire/logs.ts";
import { findCvm } from "./workspace/find-cvm.ts";
import type { World } from "./world.ts";

/** A hundred years. Keeps dates valid. */
const MAX_ADVANCE_MS = 100 * 365 * 24 * 3_600_000;

const advanceBody = z.object({ ms: z.number().min(0).max(MAX_ADVANCE_MS) });

const behaviorsBody = z.object({ behaviors: z.array(z.enum(BEHAVIORS)) });

/** Create the control endpoints below `/__sandbox`: journal, clock, chains, guests and behaviors of CVMs. */
export function createControlRoutes(world: World): Hono {
  const app = new Hono();
  const describeClock = () => ({
    now: new Date(world.clock.now()).toISOString(),
    timeScale: world.clock.timeScale,
  });

  app.get("/journal", () => jsonResponse(200, world.journal.list()));

  app.delete("/journal", () => {
    world.journal.clear();
    return new Response(null, { status: 204 });
  });

  app.get("/clock", () => jsonResponse(200, describeClock()));

  app.post("/advance", async (c) => {
    const { ms } = parseJsonBody(advanceBody, await collectBody(c.req.raw));
    world.clock.advance(ms);
    return jsonResponse(200, describeClock());
  });

  const [main, ...others] = world.ledgers.values();
  app.post("/rpc", async (c) => {
    if (main === undefined)
      throw plainError(
        404,
        "The built-in chains are off. Send JSON-RPC to the node of SANDBOX_CHAIN_RPC_URL.",
      );
    return jsonResponse(200, await answerJsonRpc([main, ...others], await collectBody(c.req.raw)));
  });

  app.post("/rpc/:chainId", async (c) => {
    const ledger = world.ledgers.get(Number(c.req.param("chainId")));
    if (ledger === undefined) throw plainError(404, "There is no built-in chain with this id.");
    return jsonResponse(200, await answerJsonRpc([ledger], await collectBody(c.req.raw)));
  });

  app.get("/cvms/:id/env", (c) => {
    const cvm = requireCvm(c, world);
    const state = refreshState(cvm, world.clock.now());
    return jsonResponse(200, {
      env: cvm.guestEnv,
      allowed_envs: cvm.config.compose.json.allowed_envs,
      boot_error: state.bootError,
    });
  });

  app.put("/cvms/:id/behaviors", async (c) => {
    const { behaviors } = parseJsonBody(behaviorsBody, await collectBody(c.req.raw));
    const cvm = requireCvm(c, world);
    cvm.behaviors = new Set(behaviors);
    return jsonResponse(200, { behaviors });
  });

  const answerLog = (c: Context) => {
    const found = world.findCvm(({ vmUuid }) => vmUuid === c.req.param("uuid"));
    if (found === null) throw plainError(404, "CVM not found");
    const { searchParams } = new URL(c.req.url);
    const source = c.req.param("container") ?? searchParams.get("ch") ?? "serial";
    const text = describeLog(found.cvm, source, searchParams, world.clock.now());
    return new Response(text, { headers: { "content-type": "text/plain; charset=utf-8" } });
  };
  app.get("/logs/:uuid", answerLog);
  app.get("/logs/:uuid/:container", answerLog);

  app.notFound(() => jsonResponse(404, { detail: "Not Found" }));
  app.onError((error) => errorResponse(error, ""));
  return app;
}

/** @throws ApiError 401, 404 */
function requireCvm(c: Context, world: World): Cvm {
  const key = findKey(c.req.raw.headers);
  if (key === null) throw plainError(401, "Invalid authentication credentials");
  return findCvm(world.findWorkspace(findTenant(key, c.req.raw.headers)), c.req.param("id") ?? "");
}
