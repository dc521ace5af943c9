import { deriveEnvKey } from "../catalog/env-key.ts";
import type { KmsService } from "../catalog/kms.ts";
import type { Node } from "../catalog/nodes.ts";
import type { Cvm, CvmConfig } from "../cvm/types.ts";
import { businessError } from "../http/api-error.ts";
import { deriveHex, deriveId, deriveUuid } from "../identity.ts";
import type { SshKey } from "./ssh-key.ts";

/** A provisioned CVM that waits for its commit. */
export type Provision = {
  readonly name: string;
  /** Null for an on-chain KMS: the client sends the address of the contract that it deployed. */
  readonly appId: string | null;
  readonly kms: KmsService;
  readonly node: Node;
  readonly config: CvmConfig;
  readonly listed: boolean;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

/** One workspace of an API key. */
export type Workspace = {
  /** Key and slug, see {@link nameTenant}. */
  readonly tenant: string;
  /** False for a workspace that the client selected by its slug. */
  readonly isDefault: boolean;
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly userId: string;
  readonly username: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
  /** URL of the sandbox without a path. */
  readonly origin: string;
  /** Oldest first. */
  readonly sshKeys: SshKey[];
  /** New CVMs first, newest first; then the seed in its order. */
  readonly cvms: Cvm[];
  /** By compose hash. */
  readonly provisions: Map<string, Provision>;
  /** Number of open SSE streams. */
  openStreams: number;
  /** Number of CVMs ever created. Ids are derived from it. */
  cvmCount: number;
  /** Number of app ids that the `phala` KMS has assigned. */
  appNonce: number;
};

/** Limits of a workspace. Memory in megabytes, disk in gigabytes. Only the number of CVMs is enforced. */
export const WORKSPACE_LIMITS = { cvms: 200, vcpu: 512, memoryMb: 1_048_576, diskGb: 20_480 } as const;

/** Separates the parts of a tenant. No header can contain it. */
const TENANT_SEPARATOR = "\n";

/**
 * Name the workspace of a key. Each slug selects another one. Without a slug, and with its own, it is the
 * default workspace of the key.
 */
export function nameTenant(key: string, slug: string | null): string {
  return slug === null || slug === deriveSlug(key) ? key : [key, slug].join(TENANT_SEPARATOR);
}

function deriveSlug(key: string): string {
  const label = labelKey(key)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-");
  return `${label.slice(0, 40)}-${deriveHex(6, "slug", key)}`;
}

function labelKey(key: string): string {
  return key.replace(/^sandbox-/, "") || "sandbox";
}

/** Create an empty workspace. Its ids are derived from the tenant, and those of its user from the key. */
export function createWorkspace(tenant: string, origin: string, now: number): Workspace {
  const [key = "", slug] = tenant.split(TENANT_SEPARATOR);
  return {
    tenant,
    isDefault: slug === undefined,
    id: deriveId("wks", tenant),
    slug: slug ?? deriveSlug(key),
    name: `Sandbox ${slug ?? labelKey(key).slice(0, 40)}`,
    userId: deriveId("usr", key),
    username: "sandbox",
    createdAt: now,
    origin,
    sshKeys: [],
    cvms: [],
    provisions: new Map(),
    openStreams: 0,
    cvmCount: 0,
    appNonce: 0,
  };
}

/**
 * Check that the workspace has room for one more CVM.
 *
 * @throws ApiError 400
 */
export function assertFreeSlot(workspace: Workspace): void {
  if (workspace.cvms.length < WORKSPACE_LIMITS.cvms) return;
  throw businessError(
    400,
    "ERR-04-002",
    `The workspace has reached its limit of ${WORKSPACE_LIMITS.cvms} CVMs. Delete one first.`,
  );
}

/** Derive the app id that the `phala` KMS assigns for a nonce, 40 hex digits. */
export function deriveAppId(workspace: Workspace, nonce: number): string {
  return deriveHex(40, "app", workspace.tenant, nonce);
}

/** Create a CVM that is off and has never booted. The caller adds it to the workspace. */
export function createCvm(
  workspace: Workspace,
  facts: Pick<Cvm, "name" | "appId" | "node" | "kms" | "config" | "createdAt"> & Partial<Cvm>,
): Cvm {
  workspace.cvmCount += 1;
  const label = [workspace.tenant, workspace.cvmCount] as const;
  const envKey = deriveEnvKey(facts.kms, facts.appId);
  return {
    id: deriveId("cvm", ...label),
    vmUuid: deriveUuid("cvm", ...label),
    instanceId: null,
    envPrivateKey: envKey.privateKey,
    envPublicKey: envKey.publicKey,
    behaviors: new Set(),
    guestEnv: [],
    power: { status: "stopped", since: facts.createdAt, bootProgress: null, bootError: null },
    operationCount: 0,
    operations: [],
    revisions: [],
    pending: new Map(),
    provisioned: new Map(),
    listed: false,
    scheduledDeleteAt: null,
    logUrl: `${workspace.origin}/__sandbox/logs/${deriveUuid("cvm", ...label)}`,
    sshKeyIds: [],
    sshKeysChangedAt: null,
    ...facts,
  };
}
