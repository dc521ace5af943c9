import type { Hono } from "hono";
import { z } from "zod";
import type { Cvm } from "../../cvm/types.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { pageQuery, paginate } from "../../http/pagination.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseJsonBody, parseQuery } from "../../http/validation.ts";
import { describeCvmItem } from "../../wire/cvm-item.ts";
import { describeBatchStatus, describeFlatOperation } from "../../wire/state.ts";
import type { World } from "../../world.ts";

const listQuery = pageQuery(30);

const batchBody = z.looseObject({ vm_uuids: z.array(z.string()).max(500) });

/** Register the lists of CVMs and `POST /status/batch`, the live state of many CVMs. */
export function registerCvmList(app: Hono<ApiEnv>, world: World): void {
  const describe = (c: ApiContext, cvm: Cvm) =>
    describeCvmItem(c.get("workspace"), cvm, world.clock.now(), c.get("version"));

  app.get("/cvms", (c) =>
    jsonResponse(
      200,
      c.get("workspace").cvms.map((cvm) => describe(c, cvm)),
    ),
  );

  app.get("/cvms/paginated", (c) => {
    const page = paginate(c.get("workspace").cvms, parseQuery(listQuery, c.req.url));
    return jsonResponse(200, { ...page, items: page.items.map((cvm) => describe(c, cvm)) });
  });

  app.post("/status/batch", (c) => {
    const asked = new Set(
      parseJsonBody(batchBody, c.get("body")).vm_uuids.map((uuid) => uuid.toLowerCase().replaceAll("-", "")),
    );
    const now = world.clock.now();
    const flat = c.get("version") < "2026-05-22";
    const found = c.get("workspace").cvms.filter((cvm) => asked.has(cvm.vmUuid.replaceAll("-", "")));
    const entries = found.map((cvm) => [
      cvm.vmUuid,
      { ...describeBatchStatus(cvm, now), ...(flat && describeFlatOperation(cvm, now)) },
    ]);
    return jsonResponse(200, Object.fromEntries(entries));
  });
}
