import type { EnvVar } from "../../src/crypto/types.ts";
import type { KmsService } from "../catalog/kms.ts";
import type { Node } from "../catalog/nodes.ts";
import type { OsImage } from "../catalog/os-images.ts";
import type { StoredCompose } from "./app-compose.ts";
import type { StoredEnv } from "./guest-env.ts";
import type { Operation } from "./operation.ts";

/** Everything that a client can configure and that a restart puts in place. */
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

/** What sets a seeded CVM apart, for people who want to see that case. */
export type Behavior =
  | "boot-fails"
  | "offline"
  | "private"
  /** Answers 465 in the old flat form. */
  | "flat-465"
  /** Answers YAML and script as JSON strings instead of text. */
  | "json-text";

/** What the node knows about the machine while no operation runs. */
export type Power = {
  readonly status: "running" | "stopped" | "exited";
  /** Milliseconds since 1970; the last start, or the end, whichever came last. */
  readonly since: number;
  readonly bootProgress: string | null;
  readonly bootError: string | null;
};

/** A configuration that was in place once. */
export type Revision = {
  readonly id: string;
  readonly operationType: string;
  readonly correlationId: string | null;
  readonly config: CvmConfig;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

/** A change that was answered with 465 and waits for its transaction. */
export type PendingChange = {
  readonly operationType: string;
  readonly compose: StoredCompose;
  /** Lays the rest of the change over the configuration of the moment it is confirmed. */
  readonly apply: (config: CvmConfig) => CvmConfig;
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

/** A confidential VM of one workspace. */
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
  readonly behaviors: ReadonlySet<Behavior>;
  readonly createdAt: number;
  config: CvmConfig;
  /** What the guest ended up with at its last boot. */
  guestEnv: readonly EnvVar[];
  power: Power;
  /** How many operations there ever were; correlation ids come from it. */
  operationCount: number;
  /** The newest is last. */
  readonly operations: Operation[];
  readonly revisions: Revision[];
  /** Changes that were answered with 465, by compose hash. */
  readonly pending: Map<string, PendingChange>;
  /** Compose files that were provisioned for the two-step update, by compose hash. */
  readonly provisioned: Map<string, PendingChange>;
  listed: boolean;
  scheduledDeleteAt: string | null;
};

/** True where an app contract decides what may boot. */
export function isOnChain(cvm: Cvm): boolean {
  return cvm.kms.chainId !== null;
}
