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
  parseTotal,
  toBareHex,
  toInt,
  toIsoTime,
  wireFlag,
  wireNumber,
  wireText,
  wireUnknown,
} from "../transport/wire-scalars.ts";
import { listKnown, readPlaces, wireItems, wireObject, wirePage } from "../transport/wire-tolerance.ts";

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

function toEndpoints(endpoints: CvmWire["endpoints"]) {
  return listKnown(endpoints).map(({ app = null, instance = null }) => ({ app, instance }));
}

function toOs(os: NonNullable<CvmWire["os"]>) {
  return {
    name: os.name ?? null,
    version: os.version ?? null,
    isDev: os.is_dev ?? null,
    imageHash: parseHexBytes(os.os_image_hash),
  };
}

function toNode(node: NonNullable<CvmWire["node_info"]>) {
  return { name: node.name ?? null, region: node.region ?? null, deviceId: findDeviceId(node) };
}

/**
 * CVM with the members that both the list and the detail contain. Hex has no prefix and is in lower case. Most
 * operations read few members, so each one is converted when it is read.
 */
export class Cvm {
  readonly id: CvmRef;
  readonly #wire: CvmWire;

  constructor(id: CvmRef, wire: CvmWire) {
    this.id = id;
    this.#wire = wire;
  }

  get name() {
    return this.#wire.name ?? this.id;
  }

  get appId() {
    return parseHexBytes(this.#wire.app_id);
  }

  get vmUuid() {
    return this.#wire.vm_uuid ?? null;
  }

  get instanceId() {
    return parseHexBytes(this.#wire.instance_id);
  }

  get rawStatus() {
    return this.#wire.status ?? "unknown";
  }

  get inProgress() {
    return this.#wire.in_progress === true || this.progress !== null;
  }

  get progress() {
    return toProgress(this.#wire);
  }

  get resources() {
    return toResources(this.#wire.resource);
  }

  get os() {
    const { os } = this.#wire;
    return os ? toOs(os) : null;
  }

  get visibility() {
    const { public_sysinfo: sysinfo, public_logs: logs, public_tcbinfo: tcbinfo } = this.#wire;
    return { publicSysinfo: sysinfo ?? false, publicLogs: logs ?? false, publicTcbinfo: tcbinfo ?? true };
  }

  get kms() {
    return toKms(this.#wire);
  }

  get node() {
    const { node_info: node } = this.#wire;
    return node ? toNode(node) : null;
  }

  get endpoints() {
    return toEndpoints(this.#wire.endpoints);
  }

  get createdAt() {
    return toIsoTime(this.#wire.created_at);
  }

  get composeHash() {
    const { compose_hash: hash } = this.#wire;
    return typeof hash === "string" ? toBareHex(hash) : null;
  }

  /** Whether the compose hash is a text, or missing. */
  get hasReadableHash() {
    const { compose_hash: hash } = this.#wire;
    return typeof hash === "string" || hash === undefined || hash === null;
  }

  get dockerComposeHash() {
    return toOptionalHex(this.#wire.docker_compose_hash);
  }

  get preLaunchScriptHash() {
    return toOptionalHex(this.#wire.pre_launch_script_hash);
  }

  /** Return this CVM with another status. The progress stays if it is still in progress. */
  withStatus(status: string, inProgress: boolean): Cvm {
    const progress = inProgress ? this.#wire.progress : null;
    return new Cvm(this.id, { ...this.#wire, status, in_progress: inProgress, progress });
  }

  /** Return this CVM with no progress. It stays in progress if it is. */
  withoutProgress(): Cvm {
    return new Cvm(this.id, { ...this.#wire, in_progress: this.inProgress, progress: null });
  }
}

const cvmWire = wireObject(cvmObject.shape, (wire) => {
  const id = parseCvmRef(wire.id);
  return id === null ? null : new Cvm(id, wire);
});

const pageWire = wireObject({ items: wirePage, total: wireUnknown }, ({ items, total }) => ({
  items: readPlaces(cvmWire, items),
  total: parseTotal(total),
}));

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
