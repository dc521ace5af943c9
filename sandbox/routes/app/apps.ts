import type { Hono } from "hono";
import { z } from "zod";
import { OWNER_ACCOUNT } from "../../chain/ledger.ts";
import type { Cvm } from "../../cvm/types.ts";
import { businessError } from "../../http/api-error.ts";
import { isLegacyVersion } from "../../http/api-version.ts";
import type { ApiContext, ApiEnv } from "../../http/context.ts";
import { jsonResponse } from "../../http/respond.ts";
import { readQuery } from "../../http/validation.ts";
import { bareHex } from "../../identity.ts";
import { describeAttestation } from "../../wire/attestation.ts";
import { describeCvm } from "../../wire/cvm-info.ts";
import { describeBasicCvm, describeHostedCvm } from "../../wire/legacy-cvm.ts";
import type { World } from "../../world.ts";

const oneOrMany = z.union([z.string(), z.array(z.string())]).transform((value) => [value].flat());

const appsQuery = z.looseObject({
  page: z.coerce.number().int().min(1).default(1),
  page_size: z.coerce.number().int().min(1).max(100).default(20),
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

/** Apps: what CVMs with one app id have in common. */
export function registerApps(app: Hono<ApiEnv>, world: World): void {
  app.get("/apps", (c) => {
    const query = readQuery(appsQuery, c.req.url);
    const matching = c.get("workspace").cvms.filter((cvm) => fits(cvm, query));
    const appIds = [...new Set(matching.map((cvm) => cvm.appId))];
    const { page, page_size: size } = query;
    return jsonResponse(200, {
      dstack_apps: appIds.slice((page - 1) * size, page * size).map((appId) => describeApp(c, world, appId)),
      page,
      page_size: size,
      total: appIds.length,
      total_pages: Math.ceil(appIds.length / size),
    });
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

  app.get("/apps/:app/cvms", (c) =>
    jsonResponse(
      200,
      requireInstances(c).map((cvm) => describeInstance(c, world, cvm)),
    ),
  );

  app.get("/apps/:app/attestations", (c) => {
    const instances = requireInstances(c);
    const [{ appId, kms }] = instances;
    return jsonResponse(200, {
      app_id: appId,
      contract_address: kms.chainId === null ? "" : `0x${appId}`,
      kms_info: {
        contract_address: kms.contractAddress ?? "",
        chain_id: kms.chainId === null ? null : String(kms.chainId),
        version: kms.version,
        url: kms.url,
        gateway_app_id: kms.gatewayAppId,
        gateway_app_url: "https://gateway.dstack.sandbox.invalid",
        kms_type: kms.type,
      },
      instances: instances.map((cvm) => ({
        ...describeAttestation(cvm, world.clock.now()),
        name: cvm.name,
        vm_uuid: cvm.vmUuid,
        instance_id: cvm.instanceId,
        device_id: cvm.node.deviceId,
        image_version: cvm.config.image.name,
        quote: null,
      })),
      kms_guest_agent_info: null,
      gateway_guest_agent_info: null,
      qemu_version: null,
    });
  });
}

/**
 * The instances of the app that the path names, by its app id with or without a prefix.
 *
 * @throws ApiError 404
 */
export function requireInstances(c: ApiContext): readonly [Cvm, ...Cvm[]] {
  const appId = bareHex((c.req.param("app") ?? "").replace(/^app_/, ""));
  const [first, ...others] = c.get("workspace").cvms.filter((cvm) => cvm.appId === appId);
  if (first === undefined) throw businessError(404, "ERR-03-001", "App not found");
  return [first, ...others];
}

function fits(cvm: Cvm, query: z.output<typeof appsQuery>): boolean {
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
  const isLegacy = isLegacyVersion(c.get("version"));
  const describe = (cvm: Cvm) =>
    isLegacy ? describeBasic(cvm, world) : describeCvm(c.get("workspace"), cvm, world.clock.now());
  return {
    id: `app_${appId}`,
    name: first?.name ?? "",
    app_id: appId,
    app_provision_type: first?.kms.chainId == null ? "kms" : "contract",
    app_icon_url: null,
    created_at: new Date(first?.createdAt ?? 0).toISOString(),
    kms_type: first?.kms.type ?? "phala",
    contract_address: first?.kms.chainId == null ? null : `0x${appId}`,
    deployer_address: first?.kms.chainId == null ? null : OWNER_ACCOUNT,
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

function describeInstance(c: ApiContext, world: World, cvm: Cvm) {
  const now = world.clock.now();
  return isLegacyVersion(c.get("version"))
    ? describeHostedCvm(c.get("workspace"), cvm, now)
    : describeCvm(c.get("workspace"), cvm, now);
}
