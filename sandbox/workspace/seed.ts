import { findInstanceType } from "../catalog/instance-types.ts";
import type { KmsCatalog, KmsService } from "../catalog/kms.ts";
import { NODES } from "../catalog/nodes.ts";
import { DEFAULT_OS_IMAGE, OS_IMAGES } from "../catalog/os-images.ts";
import type { Ledger } from "../chain/ledger.ts";
import { appComposeSchema, type StoredCompose, storeCompose } from "../cvm/app-compose.ts";
import { applyGuestRules } from "../cvm/guest-env.ts";
import { startOperation } from "../cvm/operation.ts";
import type { Cvm, CvmConfig } from "../cvm/types.ts";
import { deriveHex, deriveUuid } from "../identity.ts";
import { SEED_PLAN, type SeedEntry } from "./seed-plan.ts";
import { createCvm, createWorkspace, deriveAppId, type Workspace } from "./workspace.ts";

/** Creation time of the seeded CVMs. Fixed, so that responses are the same in every run. */
const DEPLOYED_AT = Date.parse("2026-03-02T09:00:00.000Z");

const TEN_YEARS_MS = 10 * 365 * 24 * 3_600_000;

/** Serialized app-composes by seed entry. They are the same in every workspace, and slow to create. */
const composes = new Map<SeedEntry, StoredCompose>();

/** Create a workspace with its own copy of the seed, and register its app contracts on the built-in chains. */
export function seedWorkspace(
  tenant: string,
  origin: string,
  kms: KmsCatalog,
  ledgers: ReadonlyMap<number, Ledger>,
  now: number,
): Workspace {
  const workspace = createWorkspace(tenant, origin, now);
  const appIds = new Map<string, string>();
  for (const entry of SEED_PLAN) {
    const appId = appIds.get(entry.appOf ?? "") ?? deriveAppId(workspace, workspace.appNonce++);
    appIds.set(entry.name, appId);
    const cvm = createSeededCvm(workspace, entry, kms[entry.kms], appId);
    workspace.cvms.push(cvm);
    registerApp(cvm, entry, ledgers);
    if (entry.busy) startEndlessOperation(cvm, now);
  }
  return workspace;
}

function createSeededCvm(workspace: Workspace, entry: SeedEntry, kms: KmsService, appId: string): Cvm {
  const config = createConfig(entry);
  const running = entry.power === "running";
  const cvm = createCvm(workspace, {
    name: entry.name,
    appId,
    node: NODES[entry.node],
    kms,
    config,
    createdAt: DEPLOYED_AT,
    behaviors: new Set(entry.behaviors),
    guestEnv: applyGuestRules(config.env, entry.allowedEnvs).env,
    power: {
      status: entry.power,
      since: DEPLOYED_AT,
      bootProgress: running ? "done" : null,
      bootError: null,
    },
    listed: entry.publicLogs,
  });
  cvm.instanceId = deriveHex(40, "instance", cvm.vmUuid);
  cvm.revisions.push({
    id: deriveUuid("revision", cvm.vmUuid, 0),
    operationType: "deploy",
    correlationId: null,
    config,
    createdAt: DEPLOYED_AT,
  });
  return cvm;
}

function createConfig(entry: SeedEntry): CvmConfig {
  const type = findInstanceType(entry.instanceType);
  return {
    compose: findCompose(entry),
    // Stored in plain text: encrypting a blob for each CVM of each workspace would test nothing more.
    env: {
      encrypted: "",
      decrypted: entry.allowedEnvs.map((key) => ({ key, value: `seeded-${key.toLowerCase()}` })),
    },
    userConfig: "",
    instanceType: entry.instanceType,
    vcpu: type?.vcpu ?? 1,
    memoryMb: type?.memory_mb ?? 2048,
    diskGb: entry.diskGb,
    gpuCount: type?.requires_gpu === true ? 1 : 0,
    image: OS_IMAGES.find((image) => image.name === entry.image) ?? DEFAULT_OS_IMAGE,
  };
}

function findCompose(entry: SeedEntry): StoredCompose {
  const known = composes.get(entry);
  if (known !== undefined) return known;
  const compose = storeCompose(
    appComposeSchema.parse({
      ...entry.extra,
      name: entry.composeName ?? entry.name,
      docker_compose_file: entry.compose,
      pre_launch_script: entry.script,
      allowed_envs: entry.allowedEnvs,
      public_logs: entry.publicLogs,
      public_sysinfo: entry.publicLogs,
    }),
    entry.form,
  );
  composes.set(entry, compose);
  return compose;
}

function registerApp(cvm: Cvm, entry: SeedEntry, ledgers: ReadonlyMap<number, Ledger>): void {
  ledgers.get(cvm.kms.chainId ?? Number.NaN)?.registerApp(cvm.appId, {
    allowAnyDevice: entry.allowAnyDevice,
    composeHashes: [cvm.config.compose.hash],
    deviceIds: entry.deviceListed ? [cvm.node.deviceId] : [],
  });
}

function startEndlessOperation(cvm: Cvm, now: number): void {
  const steps = [{ at: 0, status: "starting", bootProgress: "starting containers" }];
  startOperation(
    cvm,
    {
      type: "compose_update",
      target: "running",
      timeline: { steps, appliesAt: 0, endsAt: TEN_YEARS_MS, finalStatus: "running" },
      failure: null,
      config: null,
      guestEnv: null,
    },
    now,
  );
}
