import type { KmsType } from "../catalog/kms.ts";
import type { StoredForm } from "../cvm/app-compose.ts";
import type { Behavior } from "../cvm/types.ts";
import { FLEET_COMPOSE, GPU_COMPOSE, SETUP_SCRIPT, WEB_COMPOSE, WORKER_COMPOSE } from "./seed-compose.ts";

/** Description of a seeded CVM. Defaults are in {@link SEED_DEFAULTS}. */
export type SeedEntry = {
  readonly name: string;
  readonly kms: KmsType;
  readonly compose: string;
  readonly script: string;
  readonly allowedEnvs: readonly string[];
  readonly instanceType: string;
  readonly diskGb: number;
  readonly image: string;
  readonly node: "main" | "second" | "locked" | "gpu";
  readonly power: "running" | "stopped";
  readonly publicLogs: boolean;
  readonly behaviors: readonly Behavior[];
  /** Name in the app-compose; null for the name of the CVM. Clients often deploy with an empty one. */
  readonly composeName: string | null;
  /** Other members of the app-compose. */
  readonly extra: Readonly<Record<string, unknown>>;
  /** Form of the stored app-compose. */
  readonly form: StoredForm;
  /** Whether an operation runs for ten years. */
  readonly busy: boolean;
  /** Name of the seeded CVM whose app this CVM is another instance of; null for an app of its own. */
  readonly appOf: string | null;
  /** On-chain KMS only: whether the app contract allows any device. */
  readonly allowAnyDevice: boolean;
  /** On-chain KMS only: whether the app contract allows the device of the CVM. */
  readonly deviceListed: boolean;
};

const SEED_DEFAULTS: Omit<SeedEntry, "name"> = {
  kms: "phala",
  compose: WEB_COMPOSE,
  script: SETUP_SCRIPT,
  allowedEnvs: ["DATABASE_URL", "API_TOKEN"],
  instanceType: "tdx.small",
  diskGb: 20,
  image: "dstack-0.5.5",
  node: "main",
  power: "running",
  publicLogs: true,
  behaviors: [],
  composeName: null,
  extra: {},
  form: "compact",
  busy: false,
  appOf: null,
  allowAnyDevice: false,
  deviceListed: true,
};

function plan(name: string, overrides: Partial<SeedEntry> = {}): SeedEntry {
  return { ...SEED_DEFAULTS, name, ...overrides };
}

const FLEET = Array.from({ length: 12 }, (_, index) =>
  plan(`fleet-${String(index + 1).padStart(2, "0")}`, {
    compose: FLEET_COMPOSE,
    script: "",
    allowedEnvs: [],
    node: index % 2 === 0 ? "main" : "second",
  }),
);

/** The CVMs of a new workspace, in the order of the API. */
export const SEED_PLAN: readonly SeedEntry[] = [
  plan("web-phala"),
  plan("web-legacy", { kms: "legacy", image: "dstack-0.5.3" }),
  plan("web-base", { kms: "base", instanceType: "tdx.medium", diskGb: 40 }),
  plan("web-ethereum", { kms: "ethereum", instanceType: "tdx.medium", allowAnyDevice: true }),
  plan("web-base-locked-device", { kms: "base", node: "locked", deviceListed: false }),
  plan("web-base-legacy-465", { kms: "base", behaviors: ["flat-465"] }),
  plan("stopped-app", { power: "stopped" }),
  plan("no-script", { script: "", compose: WORKER_COMPOSE, allowedEnvs: ["QUEUE_URL"] }),
  plan("dev-image", { image: "dstack-dev-0.5.5", instanceType: "tdx.large" }),
  plan("gpu-inference", {
    compose: GPU_COMPOSE,
    allowedEnvs: ["HF_TOKEN"],
    instanceType: "h200.small",
    diskGb: 200,
    image: "dstack-nvidia-0.5.6",
    node: "gpu",
  }),
  plan("replica-one", { compose: WORKER_COMPOSE, script: "", allowedEnvs: ["QUEUE_URL"] }),
  plan("replica-two", {
    compose: WORKER_COMPOSE,
    script: "",
    allowedEnvs: ["QUEUE_URL"],
    node: "second",
    appOf: "replica-one",
  }),
  plan("twin-name", { compose: FLEET_COMPOSE, script: "", allowedEnvs: [] }),
  plan("twin-name", { compose: WORKER_COMPOSE, script: "", allowedEnvs: ["QUEUE_URL"] }),
  plan("boot-fails", { behaviors: ["boot-fails"] }),
  plan("busy-updating", { busy: true }),
  plan("offline-node", { behaviors: ["offline"], node: "second" }),
  plan("private-logs", { publicLogs: false, behaviors: ["private"] }),
  plan("json-text", { behaviors: ["json-text"] }),
  plan("fails-503"),
  plan("fails-429"),
  plan("fails-slow"),
  plan("fails-reset"),
  plan("fails-malformed"),
  ...FLEET,
  plan("web-base-indented", { kms: "base", form: "indented" }),
  plan("web-base-lean-465", { kms: "base", behaviors: ["lean-465"] }),
  plan("web-base-bare-465", { kms: "base", behaviors: ["bare-465"] }),
  plan("manifest-3", {
    composeName: "",
    extra: { manifest_version: "3", init_script: ["echo one\n", "echo two\n"], requirements: { tdx: true } },
  }),
  plan("endpoints-gone", { behaviors: ["gone-404"] }),
  plan("corr-ids", { behaviors: ["corr-ids"] }),
  plan("fails-403"),
  plan("fails-404"),
];
