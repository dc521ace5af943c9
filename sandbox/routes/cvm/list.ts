import type { Hono } from "hono";
import { z } from "zod";
import type { Cvm } from "../../cvm/types.ts";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readJson, readQuery } from "../../http/validation.ts";
import { describeCvm } from "../../wire/cvm-info.ts";
import { describeHostedCvm } from "../../wire/legacy-cvm.ts";
import { describeBatchStatus, describeFlatOperation } from "../../wire/state.ts";
import type { World } from "../../world.ts";

const listQuery = z.looseObject({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(30),
});

const batchBody = z.looseObject({ vm_uuids: z.array(z.string()).max(500) });

/** The list of CVMs, and the live state of many. */
export function registerCvmList(app: Hono<ApiEnv>, world: World): void {
  const describe = (c: ApiContext, cvm: Cvm) =>
    isLegacyVersion(c.get("version"))
      ? describeHostedCvm(c.get("workspace"), cvm, world.clock.now())
      : describeCvm(c.get("workspace"), cvm, world.clock.now());

  app.get("/cvms", (c) =>
    jsonResponse(
      200,
      c.get("workspace").cvms.map((cvm) => describe(c, cvm)),
    ),
  );

  app.get("/cvms/paginated", (c) => {
    const { page, page_size: size } = readQuery(listQuery, c.req.url);
    const { cvms } = c.get("workspace");
    const items = cvms.slice((page - 1) * size, page * size).map((cvm) => describe(c, cvm));
    const pages = Math.ceil(cvms.length / size);
    return jsonResponse(200, { items, total: cvms.length, page, page_size: size, pages });
  });

  app.post("/status/batch", (c) => {
    const asked = new Set(
      readJson(batchBody, c.get("body")).vm_uuids.map((uuid) => uuid.toLowerCase().replaceAll("-", "")),
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
