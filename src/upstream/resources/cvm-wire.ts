import { z } from "zod";
import { MAX_INT } from "../../limits.ts";
import {
  parseAddress,
  parseHexBytes,
  parseTimestamp,
  toBareHex,
  toInt,
  wireFlag,
  wireNumber,
  wireText,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { listKnown, wireItems } from "../transport/wire-tolerance.ts";

/** Without its id, a CVM cannot be told from others. Every other member may be missing. */
export const cvmObject = z.object({
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

/** A CVM as the REST API sends it. */
export type CvmWire = z.output<typeof cvmObject>;

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

/** KMS of a CVM, and whether it is a contract. */
export function toKms({ kms_info: info, kms_type: rawType = null, app_id }: CvmWire) {
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

/** Hex without a prefix; null if it is missing. */
export function toOptionalHex(text: string | null | undefined): string | null {
  return text === null || text === undefined ? null : toBareHex(text);
}

/** The running operation; null if none is running. */
export function toProgress({ progress }: CvmWire) {
  if (!progress?.target) return null;
  return {
    target: progress.target,
    startedAt: parseTimestamp(progress.started_at),
    correlationId: progress.correlation_id ?? null,
  };
}

/** Resources and price. */
export function toResources(resource: CvmWire["resource"]) {
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

/** Public URLs. */
export function toEndpoints(endpoints: CvmWire["endpoints"]) {
  return listKnown(endpoints).map(({ app = null, instance = null }) => ({ app, instance }));
}

/** OS image. */
export function toOs(os: NonNullable<CvmWire["os"]>) {
  return {
    name: os.name ?? null,
    version: os.version ?? null,
    isDev: os.is_dev ?? null,
    imageHash: parseHexBytes(os.os_image_hash),
  };
}

/** Physical machine. */
export function toNode(node: NonNullable<CvmWire["node_info"]>) {
  return { name: node.name ?? null, region: node.region ?? null, deviceId: findDeviceId(node) };
}
