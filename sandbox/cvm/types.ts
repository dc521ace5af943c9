import type { EnvVar } from "../../src/crypto/types.ts";
import type { KmsService } from "../catalog/kms.ts";
import type { Node } from "../catalog/nodes.ts";
import type { OsImage } from "../catalog/os-images.ts";
import type { StoredCompose } from "./app-compose.ts";
import type { StoredEnv } from "./guest-env.ts";
import type { Timeline } from "./timeline.ts";

/** Configuration of a CVM: everything that a client can change and that a restart applies. */
export type CvmConfig = {
  readonly compose: StoredCompose;
  readonly env: StoredEnv;
  /** Opaque text; empty when never set. */
  readonly userConfig: string;
  readonly instanceType: string;
  readonly vcpu: number;
  /** Megabytes. */
  readonly memoryMb: number;
  /** Gigabytes. */
  readonly diskGb: number;
  readonly gpuCount: number;
  readonly image: OsImage;
};

/** Special behaviors of a CVM, so that clients can test against them. docs/sandbox.md describes each. */
export const BEHAVIORS = [
  "boot-fails",
  "offline",
  "private",
  "flat-465",
  "lean-465",
  "bare-465",
  "hash-468",
  "json-text",
  "gone-404",
  "gone-405",
  "name-taken-400",
  "corr-ids",
] as const;

/** One of the special behaviors of a CVM. */
export type Behavior = (typeof BEHAVIORS)[number];

/** Power state of a CVM while no operation runs. */
export type Power = {
  readonly status: "running" | "stopped" | "exited";
  /** Milliseconds since 1970: the last start or the last stop, whichever is later. */
  readonly since: number;
  readonly bootProgress: string | null;
  readonly bootError: string | null;
};

/** A configuration that was in effect at some time. */
export type Revision = {
  readonly id: string;
  readonly operationType: string;
  readonly correlationId: string | null;
  readonly config: CvmConfig;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

/** An operation of a CVM. Its state is a function of these fields and of the clock. */
export type Operation = {
  readonly correlationId: string;
  readonly type: string;
  /** The expected final status. */
  readonly target: "running" | "stopped";
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly timeline: Timeline;
  /** The boot error; null when the boot succeeds. */
  readonly failure: string | null;
  /** The configuration that the operation applies; null when it changes none. */
  readonly config: CvmConfig | null;
  /** The environment of the guest after the boot; null when the operation does not boot the CVM. */
  readonly guestEnv: readonly EnvVar[] | null;
  applied: boolean;
  ended: boolean;
  /** Milliseconds since 1970 when the operation was cancelled, by a forced stop or by `operations/cancel`; null when it was not. */
  cancelledAt: number | null;
};

/** A change that was answered with 465 and waits for its transaction. */
export type PendingChange = {
  readonly operationType: string;
  readonly compose: StoredCompose;
  /** Return the configuration with the whole change applied. Called when the change is confirmed. */
  readonly apply: (config: CvmConfig) => CvmConfig;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

/** A replica that is not created yet: another CVM of an app. */
export type ReplicaPlan = { readonly node: Node; readonly config: CvmConfig };

/** A CVM of one workspace. */
export type Cvm = {
  readonly id: string;
  name: string;
  readonly appId: string;
  readonly vmUuid: string;
  /** Null until the first boot. */
  instanceId: string | null;
  readonly node: Node;
  readonly kms: KmsService;
  readonly envPrivateKey: Uint8Array;
  readonly envPublicKey: string;
  behaviors: ReadonlySet<Behavior>;
  readonly createdAt: number;
  config: CvmConfig;
  /** The environment of the guest since its last boot. */
  guestEnv: readonly EnvVar[];
  power: Power;
  /** Number of operations ever started. Correlation ids are derived from it. */
  operationCount: number;
  /** Oldest first. */
  readonly operations: Operation[];
  readonly revisions: Revision[];
  /** Changes that were answered with 465, by compose hash. */
  readonly pending: Map<string, PendingChange>;
  /** App-composes that were provisioned for the two-step update, by compose hash. */
  readonly provisioned: Map<string, PendingChange>;
  listed: boolean;
  scheduledDeleteAt: string | null;
  /** Base URL of its logs. */
  readonly logUrl: string;
  /** Ids of the SSH keys that it accepts after its next start. */
  sshKeyIds: readonly string[];
  /** When they were changed, milliseconds since 1970; null when they never were. */
  sshKeysChangedAt: number | null;
};
