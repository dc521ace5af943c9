import { listNeededPermissions, type Permission } from "../../access/permissions.ts";
import { assertPermitted, assertPermittedOn } from "../../access/rights.ts";
import type { Context } from "../../context.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { type Cvm, fetchCvm } from "../../upstream/resources/cvms.ts";

/** Age at which an answer about a CVM is too old for another attempt of the same write, in milliseconds. */
const MAX_AGE_MS = 5_000;

/** The permissions of one write that hold for some CVMs only, and the CVM that they were checked for. */
export type PermittedTarget = {
  /** The CVM that the write is sent to. With limited permissions, it is the id of the CVM. */
  readonly ref: CvmRef;
  /**
   * Check the CVM again, under its lock, if the write has waited since the last check.
   *
   * @param present - the CVM as this attempt has read it, or null
   * @throws {GatewayError} `FORBIDDEN`
   */
  assertAgain(present: Cvm | null): Promise<void>;
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
 * permission holds for some CVMs only, or if a commit token could lead to a CVM of another workspace. With a limited
 * permission, it costs another one after each wait of the write: a CVM can get another name.
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
  const isLimited = needed.some((permission) => rights.isLimited(permission));
  if (!isLimited && !(byToken && rights.staysInWorkspace)) return { ref, assertAgain: async () => undefined };
  const { loaders } = ctx;
  const cvm = await loaders.cvm(ref);
  assertPermittedOn(rights, needed, cvm);
  let checkedAt = performance.now();
  let attempts = 0;
  return {
    ref: cvm.id,
    async assertAgain(present) {
      if (!isLimited) return;
      const isFirst = attempts === 0;
      attempts += 1;
      // The reads of the request are fresh after its first wait, and the checks of the write share them.
      const hasWaited = isFirst ? ctx.loaders !== loaders : performance.now() - checkedAt > MAX_AGE_MS;
      if (present === null && !hasWaited) return;
      const fetchAgain = () => (isFirst ? ctx.loaders.cvm(cvm.id) : fetchCvm(ctx.upstream, cvm.id));
      assertPermittedOn(rights, needed, present ?? (await fetchAgain()));
      checkedAt = performance.now();
    },
  };
}
