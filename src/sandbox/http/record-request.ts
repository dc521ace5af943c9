import { randomUUID } from "node:crypto";
import type { MiddlewareHandler } from "hono";
import { bodyLimit } from "hono/body-limit";
import { describeBody, describeQuery, withoutCredentials } from "../journal.ts";
import type { World } from "../world.ts";
import type { ApiEnv } from "./context.ts";
import { jsonResponse } from "./respond.ts";

/** Where the REST API begins. */
export const BASE_PATH = "/api/v1";

/** The largest body that is read, bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/** Gives the request an id, writes it into the journal, and completes the entry before the answer leaves. */
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
    // Cut on purpose or left by the client: there is nothing to answer to.
    if (c.env.incoming.socket.destroyed) return;
    c.res.headers.set("x-request-id", requestId);
    c.get("entry").status = c.res.status;
  };
}

/** Refuses bodies that are too large. */
export const limitBody = bodyLimit({
  maxSize: MAX_BODY_BYTES,
  onError: () => jsonResponse(413, { detail: "Request body too large" }),
});

/** Reads the body whole, once, for the journal and for the route. */
export function readBody(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const body = new Uint8Array(await c.req.arrayBuffer());
    c.set("body", body);
    c.get("entry").body = describeBody(body);
    await next();
  };
}
