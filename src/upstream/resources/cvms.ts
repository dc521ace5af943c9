import { type CvmRef, parseCvmRef } from "../cvm-ref.ts";
import { type ListPage, toListPage } from "../list-page.ts";
import { decodeJson } from "../transport/decode.ts";
import type { Upstream } from "../transport/types.ts";
import { parseHexBytes, parseTotal, toBareHex, toIsoTime, wireUnknown } from "../transport/wire-scalars.ts";
import { readPlaces, wireObject, wirePage } from "../transport/wire-tolerance.ts";
import {
  type CvmWire,
  cvmObject,
  toEndpoints,
  toKms,
  toNode,
  toOptionalHex,
  toOs,
  toProgress,
  toResources,
} from "./cvm-wire.ts";

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
