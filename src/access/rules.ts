import type { Credential } from "../credential.ts";
import type { AccessFile } from "./file-shape.ts";
import { type ClaimRule, fulfils } from "./grants.ts";
import { combineRoles, type Rights, type Role } from "./rights.ts";
import type { KeySource } from "./tokens/issuer-keys.ts";
import type { KeySet } from "./tokens/key-set.ts";
import type { TokenRule, VerifiedToken } from "./tokens/verify-token.ts";

/** An issuer whose tokens are accepted, and the header in which they arrive. */
export type IssuerRule = TokenRule & { readonly header: string; readonly trustEmail: boolean };

/** A role that callers with a claim have in a workspace. */
type Grant = {
  readonly rule: ClaimRule;
  readonly role: Role;
  readonly workspace: string;
  /** Null for the tokens of every issuer. */
  readonly issuer: string | null;
};

/** An access file that is in use. */
export type AccessRules = {
  /** Whether callers may also send their own credential. */
  readonly passthrough: boolean;
  readonly issuers: readonly IssuerRule[];
  /** The credential of each workspace by its name. */
  readonly workspaces: ReadonlyMap<string, Credential>;
  readonly grants: readonly Grant[];
};

/** Turn an access file without problems into rules. */
export function compileRules(
  { passthrough, issuers, roles, grants }: AccessFile,
  workspaces: ReadonlyMap<string, Credential>,
  openKeys: (source: KeySource) => KeySet,
): AccessRules {
  return {
    passthrough,
    issuers: issuers.map((entry) => ({ ...entry, keys: openKeys(entry) })),
    workspaces,
    grants: grants.flatMap(({ rule, role: name, workspace, issuer }) => {
      const role = roles[name];
      return role === undefined ? [] : [{ rule, role, workspace, issuer: issuer ?? null }];
    }),
  };
}

/** Find the rights that a token gives, by workspace. A workspace without any is missing. */
export function findRights(
  { grants }: AccessRules,
  { issuer, claims }: VerifiedToken,
  trustEmail: boolean,
): ReadonlyMap<string, Rights> {
  const own = grants.filter(
    (grant) => (grant.issuer === null || grant.issuer === issuer) && fulfils(grant.rule, claims, trustEmail),
  );
  const byWorkspace = Map.groupBy(own, ({ workspace }) => workspace);
  return new Map(
    [...byWorkspace].map(([workspace, found]) => [workspace, combineRoles(found.map(({ role }) => role))]),
  );
}
