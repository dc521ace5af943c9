import type { Hono } from "hono";
import { INSTANCE_TYPES } from "../../catalog/instance-types.ts";
import { plainError } from "../../http/api-error.ts";
import type { ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";

/** Register the reads of instance types: the sizes of a CVM. They need no key. */
export function registerInstanceTypes(app: Hono<ApiEnv>): void {
  app.get("/instance-types", () => {
    const families = ["cpu", "gpu"].map((name) => {
      const items = INSTANCE_TYPES.filter((type) => type.family === name);
      return { name, items, total: items.length };
    });
    return jsonResponse(200, { result: families });
  });

  app.get("/instance-types/:family", (c) => {
    const family = c.req.param("family");
    const items = INSTANCE_TYPES.filter((type) => type.family === family);
    if (items.length === 0) throw plainError(404, "Instance type family not found");
    return jsonResponse(200, { items, total: items.length, family });
  });
}
