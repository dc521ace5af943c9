import type { Credential } from "../credential.ts";

/** What a provisioned app-compose says about its list of allowed environment variables. */
type Provision = {
  /** The list that the REST API stores with it. */
  readonly allowedKeys: readonly string[];
  /** The flag that was sent; null if none was. */
  readonly updateEnvVars: boolean | null;
};

/** A known provision. Its names are not kept, only a keyed hash of them. */
export type KnownProvision = {
  readonly updateEnvVars: boolean | null;
  /** Whether this is the list of the provision: the same names in the same order. */
  hasKeys(keys: readonly string[]): boolean;
};

/** The provisions of the last 14 days, by caller and compose hash. */
export type Provisions = {
  /** Never rejects. A provision that cannot be stored is known to this process only. */
  remember(caller: Credential, composeHash: string, provision: Provision): Promise<void>;
  /** Never rejects. @returns null if the provision is not known. That proves nothing */
  find(caller: Credential, composeHash: string): Promise<KnownProvision | null>;
};

/** Where the texts of provisions are kept, by name. */
export type ProvisionStore = {
  set(name: string, text: string): Promise<void>;
  get(name: string): Promise<string | null>;
};
