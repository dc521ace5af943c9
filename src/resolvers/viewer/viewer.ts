import type { TargetCvm } from "../../access/cvm-pattern.ts";
import type { Permission } from "../../access/permissions.ts";
import type { Context } from "../../context.ts";

/** The caller of a request, as it sees itself. */
export type Viewer = {
  /** Subject of the token. Null for a caller that sends its own credential. */
  readonly subject: string | null;
  readonly workspace: string | null;
  readonly permissions: readonly Permission[];
};

/** Which permissions of the caller hold for one CVM. */
export type ViewerCan = { readonly [Name in Exclude<Permission, "read">]: boolean };

/** Find the caller. @returns null for a request without a token or a credential */
export function findViewer({ caller, rights: { permissions } }: Context): Viewer | null {
  if (caller === null) return null;
  const subject = caller.scheme === "token" ? caller.subject : null;
  return { subject, workspace: caller.workspace, permissions };
}

/** Compute what the caller may do with a CVM. */
export function computeViewerCan({ rights }: Context, cvm: TargetCvm): ViewerCan {
  const can = (permission: Permission) => rights.allows(permission, cvm);
  return {
    plan: can("plan"),
    configure: can("configure"),
    environment: can("environment"),
    power: can("power"),
    confirm: can("confirm"),
  };
}
