import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { type CvmRef, parseCvmRef } from "../cvm-ref.ts";
import { type ListPage, toListPage } from "../list-page.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import {
  wireHex,
  wireOptionalAddress,
  wireOptionalHex,
  wireOptionalInt,
  wireTimestamp,
  wireTotal,
} from "../transport/wire-scalars.ts";
import { wireDefault, wireList, wireOptional, wirePlaces } from "../transport/wire-tolerance.ts";

const text = wireOptional(z.string());
const flag = wireOptional(z.boolean());

const cvmIdWire = z.string().transform((id, context) => {
  const ref = parseCvmRef(id);
  if (ref !== null) return ref;
  context.addIssue("not a CVM id");
  return z.NEVER;
});

const resourceWire = z.object({
  instance_type: text,
  vcpu: wireOptionalInt,
  memory_in_gb: wireOptional(z.number().max(MAX_INT / 1024)),
  disk_in_gb: wireOptionalInt,
  gpus: wireOptionalInt,
  compute_billing_price: wireOptional(z.union([z.string(), z.number().transform(String)])),
  billing_period: text,
});

/** Id of a chain; 0 stands for off chain. One that is no `Int` is unknown, and still says that there is a chain. */
const chainIdWire = wireOptional(z.number()).transform((id) => ({
  isOnChain: id !== null && id !== 0,
  chainId: z.int().positive().max(MAX_INT).safeParse(id).data ?? null,
}));

/** Compose hash of a CVM. A value that is no text is unreadable, which is not the same as none. */
const composeHashWire = z
  .unknown()
  .optional()
  .transform((given) => {
    const hash = wireOptional(wireHex).parse(given);
    return { hash, isReadable: hash !== null || given === undefined || given === null };
  });

const deviceWire = z.object({ device_id: wireOptionalHex, enabled: flag });

/** Without its id, a CVM cannot be told from others. Every other member may be missing. */
const cvmWire = z.object({
  id: cvmIdWire,
  name: text,
  app_id: wireOptionalHex,
  vm_uuid: text,
  instance_id: wireOptionalHex,
  resource: wireDefault(resourceWire, resourceWire.parse({})),
  node_info: wireOptional(
    z.object({
      name: text,
      region: text,
      device_id: wireOptionalHex,
      device_ids: wireOptional(wireList(deviceWire)),
    }),
  ),
  os: wireOptional(z.object({ name: text, version: text, is_dev: flag, os_image_hash: wireOptionalHex })),
  kms_type: text,
  kms_info: wireOptional(
    z.object({
      chain_id: chainIdWire,
      dstack_kms_address: wireOptionalAddress,
      dstack_app_address: wireOptionalAddress,
      encrypted_env_pubkey: wireOptional(wireHex),
    }),
  ),
  status: wireDefault(z.string(), "unknown"),
  in_progress: flag,
  progress: wireOptional(
    z.object({ target: text, started_at: wireOptional(wireTimestamp), correlation_id: text }),
  ),
  compose_hash: composeHashWire,
  docker_compose_hash: wireOptional(wireHex),
  pre_launch_script_hash: wireOptional(wireHex),
  endpoints: wireOptional(wireList(z.object({ app: text, instance: text }))),
  public_logs: wireDefault(z.boolean(), false),
  public_sysinfo: wireDefault(z.boolean(), false),
  public_tcbinfo: wireDefault(z.boolean(), true),
  created_at: wireOptional(wireTimestamp),
});

type CvmWire = z.output<typeof cvmWire>;

const pageWire = z.object({ items: wirePlaces(cvmWire), total: wireTotal });

/** CVM with the fields that both the list and the detail contain. Hex has no prefix and is in lower case. */
export type Cvm = ReturnType<typeof toCvm>;

function findDeviceId(node: NonNullable<CvmWire["node_info"]>): string | null {
  const enabled = node.device_ids?.find((device) => device.enabled !== false);
  return enabled?.device_id ?? node.device_id;
}

function toKms(wire: CvmWire) {
  const { isOnChain = false, chainId = null } = wire.kms_info?.chain_id ?? {};
  const requiresOnChainHash = isOnChain || wire.kms_type === "ethereum" || wire.kms_type === "base";
  const ownAddress = requiresOnChainHash && wire.app_id?.length === 40 ? `0x${wire.app_id}` : null;
  return {
    rawType: wire.kms_type,
    chainId,
    contractAddress: wire.kms_info?.dstack_kms_address ?? null,
    appContractAddress: wire.kms_info?.dstack_app_address ?? ownAddress,
    encryptedEnvPublicKey: wire.kms_info?.encrypted_env_pubkey ?? null,
    requiresOnChainHash,
  };
}

function toProgress({ progress }: CvmWire) {
  if (!progress?.target) return null;
  return { target: progress.target, startedAt: progress.started_at, correlationId: progress.correlation_id };
}

function toCvm(wire: CvmWire) {
  const { resource, os, node_info: node } = wire;
  const progress = toProgress(wire);
  return {
    id: wire.id,
    name: wire.name ?? wire.id,
    appId: wire.app_id,
    vmUuid: wire.vm_uuid,
    instanceId: wire.instance_id,
    rawStatus: wire.status,
    inProgress: wire.in_progress === true || progress !== null,
    progress,
    resources: {
      instanceType: resource.instance_type,
      vcpu: resource.vcpu,
      memoryMb: resource.memory_in_gb === null ? null : Math.round(resource.memory_in_gb * 1024),
      diskSizeGb: resource.disk_in_gb,
      gpuCount: resource.gpus,
      hourlyRate: resource.compute_billing_price,
      rawBillingPeriod: resource.billing_period,
    },
    os: os && { name: os.name, version: os.version, isDev: os.is_dev, imageHash: os.os_image_hash },
    visibility: {
      publicSysinfo: wire.public_sysinfo,
      publicLogs: wire.public_logs,
      publicTcbinfo: wire.public_tcbinfo,
    },
    kms: toKms(wire),
    node: node && { name: node.name, region: node.region, deviceId: findDeviceId(node) },
    endpoints: wire.endpoints ?? [],
    createdAt: wire.created_at,
    composeHash: wire.compose_hash.hash,
    hasReadableHash: wire.compose_hash.isReadable,
    dockerComposeHash: wire.docker_compose_hash,
    preLaunchScriptHash: wire.pre_launch_script_hash,
  };
}

/** One page of the caller's CVMs. `total` counts the CVMs of all pages. */
export type CvmPage = ListPage<Cvm>;

/** Fetch a page of CVMs: `GET /cvms/paginated`. Pages count from 1; `pageSize` is 1 to 100. */
export async function fetchCvmPage(upstream: Upstream, page: number, pageSize: number): Promise<CvmPage> {
  const reply = await upstream.send({
    method: "GET",
    path: ["cvms", "paginated"],
    query: { page, page_size: pageSize },
    accept: [200],
    effect: "read",
  });
  const { items, total } = decodeJson(reply, pageWire);
  return toListPage(
    items.map((item) => item && toCvm(item)),
    total,
    { page, pageSize },
  );
}

/** Fetch a CVM: `GET /cvms/{id}`. @throws {GatewayError} `NOT_FOUND`, `AMBIGUOUS_CVM`, and those of {@link Upstream.send} */
export async function fetchCvm(upstream: Upstream, ref: CvmRef): Promise<Cvm> {
  const reply = await upstream.send({ method: "GET", path: ["cvms", ref], accept: [200], effect: "read" });
  return toCvm(decodeJson(reply, cvmWire));
}
