import { errorMessages } from "../error-messages.ts";
import { GatewayError } from "../errors.ts";
import type { CvmPattern, TargetCvm } from "./cvm-pattern.ts";
import { type Permission, permissions } from "./permissions.ts";

/** A named set of permissions. */
export type Role = {
  readonly allow: ReadonlySet<Permission>;
  /** The CVMs that may be changed. Null for all CVMs of the workspace. */
  readonly cvms: readonly CvmPattern[] | null;
};

/** Permissions that look at a CVM without changing it. A role gives them for the whole workspace. */
const UNLIMITED: ReadonlySet<Permission> = new Set(["read", "plan"]);

/** What a caller may do in one workspace. */
export type Rights = {
  /** The permissions that at least one role gives, in the order of the table. */
  readonly permissions: readonly Permission[];
  /** Whether a permission holds for this CVM. */
  allows(permission: Permission, cvm: TargetCvm): boolean;
  /** Whether a permission holds for some CVMs of the workspace only. */
  isLimited(permission: Permission): boolean;
  /** Whether any permission of the caller does. */
  readonly hasLimits: boolean;
  /**
   * Whether a write by commit token is sent only to a CVM that the credential of the request can read. Such a token
   * is good for its CVM in any workspace, so it would lead out of the one that the caller has rights in.
   */
  readonly staysInWorkspace: boolean;
};

/** The rights of a caller that sends its own credential: the REST API decides. */
export const allRights: Rights = {
  permissions,
  allows: () => true,
  isLimited: () => false,
  hasLimits: false,
  staysInWorkspace: false,
};

/** The same next to an access file. A credential that nobody has checked is as good as none. */
export const unprovenRights: Rights = { ...allRights, staysInWorkspace: true };

/** The rights of a request without a token, where one is needed. */
export const noRights: Rights = {
  permissions: [],
  allows: () => false,
  isLimited: () => true,
  hasLimits: false,
  staysInWorkspace: true,
};

/** Add up the roles of one caller in one workspace. */
export function combineRoles(roles: readonly Role[]): Rights {
  const isGeneral = (role: Role, permission: Permission) => role.cvms === null || UNLIMITED.has(permission);
  const listRoles = (permission: Permission) => roles.filter(({ allow }) => allow.has(permission));
  const isLimited = (permission: Permission) =>
    !listRoles(permission).some((role) => isGeneral(role, permission));
  const held = permissions.filter((permission) => listRoles(permission).length > 0);
  return {
    permissions: held,
    allows: (permission, cvm) =>
      listRoles(permission).some(
        (role) => isGeneral(role, permission) || role.cvms?.some((matches) => matches(cvm)),
      ),
    isLimited,
    hasLimits: held.some(isLimited),
    staysInWorkspace: true,
  };
}

function quote(names: readonly Permission[]): string {
  return names.map((name) => `"${name}"`).join(", ");
}

/**
 * Assert that a caller has these permissions, on all CVMs or on some.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` without a token; `FORBIDDEN`
 */
export function assertPermitted(rights: Rights, needed: readonly Permission[]): void {
  if (rights === noRights) throw new GatewayError("UNAUTHENTICATED", errorMessages.tokenMissing);
  const missing = needed.filter((permission) => !rights.permissions.includes(permission));
  if (missing.length === 0) return;
  const message = `Your roles in this workspace lack the permission ${quote(missing)}.`;
  throw new GatewayError("FORBIDDEN", message);
}

/** Assert that a caller has these permissions on one CVM. @throws {GatewayError} `FORBIDDEN` */
export function assertPermittedOn(rights: Rights, needed: readonly Permission[], cvm: TargetCvm): void {
  const missing = needed.filter((permission) => !rights.allows(permission, cvm));
  if (missing.length === 0) return;
  const message = `Your roles in this workspace lack the permission ${quote(missing)} on this CVM. Nothing was sent.`;
  throw new GatewayError("FORBIDDEN", message);
}
