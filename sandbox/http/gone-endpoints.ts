import type { MiddlewareHandler } from "hono";
import { plainError } from "./api-error.ts";
import type { ApiEnv } from "./context.ts";

/** Endpoints that have left the published API. */
const GONE = /\/cvms\/[^/]+\/(?:resources|visibility|composition|compose)$/;

/**
 * Create the middleware that answers 404 or 405 at the endpoints that have left the published API, for a CVM
 * with the behavior `gone-404` or `gone-405`. Like a framework's own answer, it has no error code.
 */
export function rejectGoneEndpoints(): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const { behaviors } = c.get("cvm");
    if (GONE.test(c.req.path)) {
      if (behaviors.has("gone-404")) throw plainError(404, "Not Found");
      if (behaviors.has("gone-405")) throw plainError(405, "Method Not Allowed");
    }
    await next();
  };
}
