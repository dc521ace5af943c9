import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import { type CvmRef, parseCvmRef } from "../cvm-ref.ts";
import { type ListPage, toListPage } from "../list-page.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import {
  parseAddress,
  parseHexBytes,
  parseTimestamp,
  toBareHex,
  toInt,
  wireFlag,
  wireNumber,
  wireText,
  wireTotal,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { listKnown, wireItems, wireObject, wirePlaces } from "../transport/wire-tolerance.ts";

/** Without its id, a CVM cannot be told from others. Every other member may be missing. */
const cvmObject = z.object({
  id: z.string(),
  name: wireText,
  app_id: wireText,
  vm_uuid: wireText,
  instance_id: wireText,
  resource: z
    .object({
      instance_type: wireText,
      vcpu: wireNumber,
      memory_in_gb: wireNumber,
      disk_in_gb: wireNumber,
      gpus: wireNumber,
      compute_billing_price: z.union([z.string(), z.number()]).nullish(),
      billing_period: wireText,
    })
    .nullish(),
  node_info: z
    .object({
      name: wireText,
      region: wireText,
      device_id: wireText,
      device_ids: wireItems(z.object({ device_id: wireText, enabled: wireFlag })).nullish(),
    })
    .nullish(),
  os: z.object({ name: wireText, version: wireText, is_dev: wireFlag, os_image_hash: wireText }).nullish(),
  kms_type: wireText,
  kms_info: z
    .object({
      chain_id: wireNumber,
      dstack_kms_address: wireText,
      dstack_app_address: wireText,
      encrypted_env_pubkey: wireText,
    })
    .nullish(),
  status: wireText,
  in_progress: wireFlag,
  progress: z.object({ target: wireText, started_at: wireUnknown, correlation_id: wireText }).nullish(),
  // A value that is no text is unreadable, which is not the same as none.
  compose_hash: wireUnknown,
  docker_compose_hash: wireText,
  pre_launch_script_hash: wireText,
  endpoints: wireItems(z.object({ app: wireText, instance: wireText })).nullish(),
  public_logs: wireFlag,
  public_sysinfo: wireFlag,
  public_tcbinfo: wireFlag,
  created_at: wireUnknown,
});

type CvmWire = z.output<typeof cvmObject>;

const cvmWire = wireObject(cvmObject.shape, toCvm);

const pageWire = z.object({ items: wirePlaces(cvmWire), total: wireTotal });

/** CVM with the fields that both the list and the detail contain. Hex has no prefix and is in lower case. */
export type Cvm = z.output<typeof cvmWire>;

function findDeviceId(node: NonNullable<CvmWire["node_info"]>): string | null {
  const enabled = node.device_ids?.find((device) => device !== null && device.enabled !== false);
  return parseHexBytes(enabled?.device_id) ?? parseHexBytes(node.device_id);
}

/** Parse the id of a chain; 0 stands for off chain. One that is no `Int` is unknown, and still says that there is a chain. */
function parseChainId(id: number | null | undefined) {
  const isOnChain = id !== null && id !== undefined && id !== 0;
  const isKnown = isOnChain && Number.isInteger(id) && id > 0 && id <= MAX_INT;
  return { isOnChain, chainId: isKnown ? id : null };
}

function toKms({ kms_info: info, kms_type: rawType = null, app_id }: CvmWire) {
  const { isOnChain, chainId } = parseChainId(info?.chain_id);
  const requiresOnChainHash = isOnChain || rawType === "ethereum" || rawType === "base";
  return {
    rawType,
    chainId,
    contractAddress: parseAddress(info?.dstack_kms_address),
    appContractAddress:
      parseAddress(info?.dstack_app_address) ?? (requiresOnChainHash ? parseAddress(app_id) : null),
    encryptedEnvPublicKey: toOptionalHex(info?.encrypted_env_pubkey),
    requiresOnChainHash,
  };
}

function toOptionalHex(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : toBareHex(text);
}

function toProgress({ progress }: CvmWire) {
  if (!progress?.target) return null;
  return {
    target: progress.target,
    startedAt: parseTimestamp(progress.started_at),
    correlationId: progress.correlation_id ?? null,
  };
}

function toResources(resource: CvmWire["resource"]) {
  const memoryGb = resource?.memory_in_gb ?? null;
  const price = resource?.compute_billing_price ?? null;
  return {
    instanceType: resource?.instance_type ?? null,
    vcpu: toInt(resource?.vcpu),
    memoryMb: memoryGb === null ? null : toInt(memoryGb * 1024),
    diskSizeGb: toInt(resource?.disk_in_gb),
    gpuCount: toInt(resource?.gpus),
    hourlyRate: price === null ? null : String(price),
    rawBillingPeriod: resource?.billing_period ?? null,
  };
}

function toOs(os: NonNullable<CvmWire["os"]>) {
  return {
    name: os.name ?? null,
    version: os.version ?? null,
    isDev: os.is_dev ?? null,
    imageHash: parseHexBytes(os.os_image_hash),
  };
}

function toEndpoints(endpoints: CvmWire["endpoints"]) {
  return listKnown(endpoints).map(({ app = null, instance = null }) => ({ app, instance }));
}

function toCvm(wire: CvmWire) {
  const id = parseCvmRef(wire.id);
  if (id === null) return null;
  const { os, node_info: node, compose_hash: composeHash } = wire;
  const progress = toProgress(wire);
  return {
    id,
    name: wire.name ?? id,
    appId: parseHexBytes(wire.app_id),
    vmUuid: wire.vm_uuid ?? null,
    instanceId: parseHexBytes(wire.instance_id),
    rawStatus: wire.status ?? "unknown",
    inProgress: wire.in_progress === true || progress !== null,
    progress,
    resources: toResources(wire.resource),
    os: os ? toOs(os) : null,
    visibility: {
      publicSysinfo: wire.public_sysinfo ?? false,
      publicLogs: wire.public_logs ?? false,
      publicTcbinfo: wire.public_tcbinfo ?? true,
    },
    kms: toKms(wire),
    node: node
      ? { name: node.name ?? null, region: node.region ?? null, deviceId: findDeviceId(node) }
      : null,
    endpoints: toEndpoints(wire.endpoints),
    createdAt: parseTimestamp(wire.created_at),
    composeHash: typeof composeHash === "string" ? toBareHex(composeHash) : null,
    hasReadableHash: typeof composeHash === "string" || composeHash === undefined || composeHash === null,
    dockerComposeHash: toOptionalHex(wire.docker_compose_hash),
    preLaunchScriptHash: toOptionalHex(wire.pre_launch_script_hash),
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
  return toListPage(items, total, { page, pageSize });
}

/** Fetch a CVM: `GET /cvms/{id}`. @throws {GatewayError} `NOT_FOUND`, `AMBIGUOUS_CVM`, and those of {@link Upstream.send} */
export async function fetchCvm(upstream: Upstream, ref: CvmRef): Promise<Cvm> {
  const reply = await upstream.send({ method: "GET", path: ["cvms", ref], accept: [200], effect: "read" });
  return decodeJson(reply, cvmWire);
}
