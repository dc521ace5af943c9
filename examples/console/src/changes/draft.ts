import { createKeyedStore, type KeyedStore } from "../app/keyed-store.ts";
import type { CvmDetailsFragment } from "../gql/graphql.ts";

/** One variable of a new environment, as it is typed. */
export type Variable = {
  /** Identifies the row while its name is typed. */
  readonly row: string;
  readonly key: string;
  /** Empty until something is typed: the present value cannot be read back. */
  readonly value: string;
  /** Whether the CVM has the variable now. */
  readonly isPresent: boolean;
  readonly isRemoved: boolean;
  /** Whether the person has typed a value, which can be empty. */
  readonly isTyped: boolean;
};

/** New environment that is being typed. Its values never leave the page in plain text. */
export type EnvironmentDraft = {
  readonly variables: readonly Variable[];
  /** Whether to seal to a key that nobody has signed. */
  readonly trustsUnsignedKey: boolean;
};

/** Settings that a person wants to change. What is undefined stays as it is. */
export type DraftSettings = {
  readonly dockerComposeFile?: string | undefined;
  readonly preLaunchScript?: string | undefined;
  readonly environment?: EnvironmentDraft | undefined;
  readonly vcpu?: number | undefined;
  readonly memoryMb?: number | undefined;
  readonly diskSizeGb?: number | undefined;
  readonly publicLogs?: boolean | undefined;
  readonly publicSysinfo?: boolean | undefined;
  readonly publicTcbinfo?: boolean | undefined;
  readonly image?: string | undefined;
};

/** Change of a CVM before it is sent. All its settings are applied with one restart. */
export type Draft = {
  readonly settings: DraftSettings;
  /** CVM as the person saw it when the draft began. */
  readonly base: CvmDetailsFragment;
};

/** Drafts by the id of the CVM. */
export type DraftStore = KeyedStore<Draft>;

/** Create an empty store of drafts. */
export function createDraftStore(): DraftStore {
  return createKeyedStore<Draft>();
}

/** Return the draft with other settings. Null if nothing is left to change. */
export function patchDraft(draft: Draft | null, patch: DraftSettings, cvm: CvmDetailsFragment): Draft | null {
  const settings = { ...draft?.settings, ...patch };
  if (Object.values(settings).every((value) => value === undefined)) return null;
  return { settings, base: draft?.base ?? cvm };
}

const labels: Readonly<Record<keyof DraftSettings, string>> = {
  dockerComposeFile: "Docker Compose file",
  preLaunchScript: "pre-launch script",
  environment: "environment",
  vcpu: "vCPUs",
  memoryMb: "memory",
  diskSizeGb: "disk",
  publicLogs: "public logs",
  publicSysinfo: "public statistics",
  publicTcbinfo: "public measurements",
  image: "OS image",
};

/** List the settings of a draft in words. */
export function listDraftLabels({ settings }: Draft): string[] {
  const given = new Map(Object.entries(settings).filter(([, value]) => value !== undefined));
  return Object.entries(labels)
    .filter(([name]) => given.has(name))
    .map(([, label]) => label);
}
