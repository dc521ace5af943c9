import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { describeBody, describeQuery, withoutCredentials } from "../journal.ts";
import type { World } from "../world.ts";
import { collectBody } from "./collect-body.ts";
import type { ApiEnv } from "./context.ts";

/** Base path of the REST API. */
export const BASE_PATH = "/api/v1";

/** Create the middleware that gives a request its id and records it in the journal. */
export function recordRequest(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const url = new URL(c.req.url);
    const given = c.req.header("x-request-id") ?? "";
    const requestId = /^[\w-]{1,64}$/.test(given) ? given : randomUUID();
    const entry = {
      method: c.req.method,
      path: url.pathname.slice(BASE_PATH.length) || "/",
      query: describeQuery(url.searchParams),
      headers: withoutCredentials(c.req.raw.headers),
      body: null,
      status: null,
      at: new Date(world.clock.now()).toISOString(),
    };
    c.set("requestId", requestId);
    c.set("entry", entry);
    world.journal.record(entry);
    await next();
    // The sandbox or the client cut the connection, so there is no response to complete.
    if (c.env.incoming.socket.destroyed) return;
    c.res.headers.set("x-request-id", requestId);
    c.get("entry").status = c.res.status;
  };
}

/** Create the middleware that collects the body once, for the journal and for the route. */
export function bufferBody(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const body = await collectBody(c.req.raw);
    c.set("body", body);
    c.get("entry").body = describeBody(body);
    await next();
  };
}
