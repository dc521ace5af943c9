import { deriveEnvKey } from "../catalog/env-key.ts";
import type { KmsService } from "../catalog/kms.ts";
import type { Node } from "../catalog/nodes.ts";
import type { Cvm, CvmConfig } from "../cvm/types.ts";
import { businessError } from "../http/api-error.ts";
import { deriveHex, deriveId, deriveUuid } from "../identity.ts";

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

/** The workspace of one API key. */
export type Workspace = {
  readonly key: string;
  readonly id: string;
  readonly slug: string;
  readonly name: string;
  readonly userId: string;
  readonly username: string;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
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

/** Create an empty workspace. Its ids are derived from its key. */
export function createWorkspace(key: string, now: number): Workspace {
  const label = key.replace(/^sandbox-/, "") || "sandbox";
  return {
    key,
    id: deriveId("wks", key),
    slug: `${label
      .toLowerCase()
      .replace(/[^a-z0-9]+/g, "-")
      .slice(0, 40)}-${deriveHex(6, "slug", key)}`,
    name: `Sandbox ${label.slice(0, 40)}`,
    userId: deriveId("usr", key),
    username: "sandbox",
    createdAt: now,
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
  return deriveHex(40, "app", workspace.key, nonce);
}

/** Create a CVM that is off and has never booted. The caller adds it to the workspace. */
export function createCvm(
  workspace: Workspace,
  facts: Pick<Cvm, "name" | "appId" | "node" | "kms" | "config" | "createdAt"> & Partial<Cvm>,
): Cvm {
  workspace.cvmCount += 1;
  const label = [workspace.key, workspace.cvmCount] as const;
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
    ...facts,
  };
}
