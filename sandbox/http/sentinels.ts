import { RESPONSE_ALREADY_SENT } from "@hono/node-server/utils/response";
import type { MiddlewareHandler } from "hono";
import { refreshState } from "../cvm/operation.ts";
import type { World } from "../world.ts";
import { plainError } from "./api-error.ts";
import type { ApiEnv } from "./context.ts";
import { htmlResponse, jsonResponse } from "./respond.ts";

/** Delay of a CVM named `…-slow`, in milliseconds of the sandbox clock. */
const SLOW_MS = 60_000;

/** What the edge in front of the API answers, for example to a user agent that it refuses. */
const EDGE_PAGE =
  "<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>Forbidden</h1></body></html>";

/** A body that matches no documented shape: every field has a wrong type. */
const MALFORMED_BODY = {
  id: 42,
  name: null,
  status: { malformed: true },
  correlation_id: 7,
  compose_file: 42,
  docker_compose_file: 42,
  is_online: "maybe",
  hostname: [],
  ssh_authorized_keys: "none",
  items: "none",
} as const;

/**
 * Create the middleware that fails requests for a CVM whose name ends in a sentinel. Lists and batches still
 * contain the CVM.
 */
export function failBySentinel(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const sentinel = /-(403|404|503|429|slow|reset|malformed)$/.exec(c.get("cvm").name)?.[1];
    switch (sentinel) {
      case "403":
        return htmlResponse(403, EDGE_PAGE);
      case "404":
        throw plainError(404, "Not Found");
      case "503":
        throw plainError(503, "Node is under maintenance");
      case "429":
        throw plainError(429, "Too many requests", { "retry-after": "1" });
      case "malformed":
        return jsonResponse(200, MALFORMED_BODY);
      case "slow":
        await world.clock.waitUntil(world.clock.now() + SLOW_MS, c.req.raw.signal);
        refreshState(c.get("cvm"), world.clock.now());
        return next();
      case "reset":
        // The request is executed. Only its response is lost.
        await next();
        c.env.incoming.socket.destroy();
        c.res = RESPONSE_ALREADY_SENT;
        return;
    }
    return next();
  };
}
