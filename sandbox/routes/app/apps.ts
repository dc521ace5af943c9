import type { Hono } from "hono";
import { z } from "zod";
import { isOnChain } from "../../catalog/kms.ts";
import { OWNER_ACCOUNT } from "../../chain/ledger.ts";
import type { Cvm } from "../../cvm/types.ts";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { pageQuery, paginate } from "../../http/pagination.ts";
import { jsonResponse } from "../../http/respond.ts";
import { parseQuery } from "../../http/validation.ts";
import { describeCvm } from "../../wire/cvm-info.ts";
import { describeCvmItem } from "../../wire/cvm-item.ts";
import { describeBasicCvm } from "../../wire/legacy-cvm.ts";
import type { World } from "../../world.ts";
import { requireInstances } from "./instances.ts";

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const appsQuery = pageQuery(20).extend({
  search: z.string().optional(),
  status: oneOrMany.optional(),
  listed: z.stringbool().optional(),
  base_image: z.string().optional(),
  instance_type: z.string().optional(),
  kms_slug: z.string().optional(),
  kms_type: z.string().optional(),
  node: z.string().optional(),
  region: z.string().optional(),
});

/** Register the reads of apps. An app is the set of CVMs with one app id. */
export function registerApps(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps", (c) => {
    const query = parseQuery(appsQuery, c.req.url);
    const matching = c.get("workspace").cvms.filter((cvm) => matchesQuery(cvm, query));
    const appIds = [...new Set(matching.map((cvm) => cvm.appId))];
    const { items, pages, ...page } = paginate(appIds, query);
    const apps = items.map((appId) => describeApp(c, world, appId));
    return jsonResponse(200, { dstack_apps: apps, ...page, total_pages: pages });
  });

  app.get("/apps/filter-options", (c) => {
    const { cvms } = c.get("workspace");
    const unique = (pick: (cvm: Cvm) => string) => [...new Set(cvms.map(pick))].sort();
    return jsonResponse(200, {
      statuses: ["running", "stopped", "exited"],
      image_versions: unique((cvm) => cvm.config.image.name),
      instance_types: unique((cvm) => cvm.config.instanceType),
      kms_slugs: unique((cvm) => cvm.kms.slug),
      kms_types: unique((cvm) => cvm.kms.type),
      regions: unique((cvm) => cvm.node.region),
      nodes: unique((cvm) => cvm.node.name),
    });
  });

  app.get("/apps/:app", (c) => {
    const [cvm] = requireInstances(c);
    return jsonResponse(200, describeApp(c, world, cvm.appId));
  });

  app.get("/apps/:app/cvms", (c) => {
    const describe = (cvm: Cvm) =>
      describeCvmItem(c.get("workspace"), cvm, world.clock.now(), c.get("version"));
    return jsonResponse(200, requireInstances(c).map(describe));
  });
}

function matchesQuery(cvm: Cvm, query: z.output<typeof appsQuery>): boolean {
  const { config } = cvm;
  const same = (wanted: string | undefined, actual: string) => wanted === undefined || wanted === actual;
  return (
    (query.search === undefined || cvm.name.includes(query.search) || cvm.appId.includes(query.search)) &&
    (query.status?.includes(cvm.power.status) ?? true) &&
    (query.listed === undefined || query.listed === cvm.listed) &&
    same(query.base_image, config.image.name) &&
    same(query.instance_type, config.instanceType) &&
    same(query.kms_slug, cvm.kms.slug) &&
    same(query.kms_type, cvm.kms.type) &&
    same(query.node, cvm.node.name) &&
    same(query.region, cvm.node.region)
  );
}

function describeApp(c: ApiContext, world: World, appId: string) {
  const instances = c.get("workspace").cvms.filter((cvm) => cvm.appId === appId);
  const [first] = instances;
  const onChain = first !== undefined && isOnChain(first.kms);
  const isLegacy = isLegacyVersion(c.get("version"));
  const describe = (cvm: Cvm) =>
    isLegacy ? describeBasic(cvm, world) : describeCvm(c.get("workspace"), cvm, world.clock.now());
  return {
    id: `app_${appId}`,
    name: first?.name ?? "",
    app_id: appId,
    app_provision_type: onChain ? "contract" : "kms",
    app_icon_url: null,
    created_at: new Date(first?.createdAt ?? 0).toISOString(),
    kms_type: first?.kms.type ?? "phala",
    contract_address: onChain ? `0x${appId}` : null,
    deployer_address: onChain ? OWNER_ACCOUNT : null,
    profile: null,
    current_cvm: first === undefined ? null : describe(first),
    cvms: instances.map(describe),
    cvm_count: instances.length,
  };
}

function describeBasic(cvm: Cvm, world: World) {
  return {
    ...describeBasicCvm(cvm, world.clock.now()),
    teepod_name: cvm.node.name,
    region_identifier: cvm.node.region,
    kms_type: cvm.kms.type,
    kms_slug: cvm.kms.slug,
    kms_id: cvm.kms.id,
  };
}
