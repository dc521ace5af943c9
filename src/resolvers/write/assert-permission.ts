import { listNeededPermissions, type Permission } from "../../access/permissions.ts";
import { assertPermitted, assertPermittedOn } from "../../access/rights.ts";
import type { Context } from "../../context.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";

/** The permissions of one write that hold for some CVMs only, and the CVM that they were checked for. */
export type PermittedTarget = {
  /** The CVM that the write is sent to. With limited permissions, it is the id of the CVM. */
  readonly ref: CvmRef;
  /** Check the CVM again, under its lock. @throws {GatewayError} `FORBIDDEN` */
  assertAgain(): Promise<void>;
};

/**
 * Assert that the caller has all permissions that a mutation with this input needs, on some CVM at least. Makes no
 * call.
 *
 * @returns the permissions
 * @throws {GatewayError} `UNAUTHENTICATED`, `FORBIDDEN`
 */
export function assertMayWrite(ctx: Context, mutation: string, input: object): readonly Permission[] {
  const needed = listNeededPermissions(mutation, input);
  assertPermitted(ctx.rights, needed);
  return needed;
}

/**
 * Assert that the token of the caller has not expired. A write can wait for longer than its token is good for.
 *
 * @throws {GatewayError} `UNAUTHENTICATED`
 */
export function assertNotExpired({ expiresAt }: Context): void {
  if (expiresAt === null || expiresAt > Date.now()) return;
  throw new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpiredWaiting);
}

/**
 * Assert that the caller has these permissions on the CVM that an identifier names. The roles of the access
 * file are compared with what the REST API says about the CVM, never with the identifier. Then the id of this CVM
 * is sent, so that the write cannot reach another CVM that gets or has the name. Costs one upstream call if a
 * permission holds for some CVMs only, or if a commit token could lead to a CVM of another workspace.
 *
 * @param byToken - whether the write is sent with a commit token instead of the credential of the request
 * @throws {GatewayError} `FORBIDDEN`; the codes of reading the CVM
 */
export async function resolvePermittedTarget(
  ctx: Context,
  ref: CvmRef,
  needed: readonly Permission[],
  byToken: boolean,
): Promise<PermittedTarget> {
  const { rights } = ctx;
  const mustRead = byToken && rights.staysInWorkspace;
  if (!mustRead && !needed.some((permission) => rights.isLimited(permission))) {
    return { ref, assertAgain: async () => undefined };
  }
  const { loaders } = ctx;
  const cvm = await loaders.cvm(ref);
  assertPermittedOn(rights, needed, cvm);
  return {
    ref: cvm.id,
    async assertAgain() {
      // Nothing was waited for, so the first answer is still the newest one.
      if (ctx.loaders !== loaders) assertPermittedOn(rights, needed, await ctx.loaders.cvm(cvm.id));
    },
  };
}
