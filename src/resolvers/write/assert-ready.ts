import type { Context } from "../../context.ts";
import { errorMessages } from "../../error-messages.ts";
import { createInputError, GatewayError } from "../../errors.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import { Loaders } from "../../upstream/loaders.ts";
import { type Cvm, fetchCvm } from "../../upstream/resources/cvms.ts";
import { computeConfigVersion, listChangesSince } from "../cvm/config-version.ts";
import type { Protection } from "./protection.ts";

/**
 * Assert that the CVM has the expected configuration and, where the client waits for a busy CVM, that no
 * operation is running. Costs one upstream call if either was asked for.
 *
 * @returns the CVM, if it was read
 * @throws {GatewayError} `VERSION_CONFLICT`, `OPERATION_IN_PROGRESS`; `BAD_USER_INPUT` for an unknown version;
 *   `UPSTREAM_MALFORMED` for a compose hash that cannot be read: the version would then not cover the app-compose
 */
export async function assertReady(
  ctx: Context,
  ref: CvmRef,
  { expectedVersion, waitIfBusyMs }: Protection,
): Promise<Cvm | null> {
  if (waitIfBusyMs === 0 && expectedVersion === null) return null;
  // While this write waited, another operation may have changed what this request has read.
  if (waitIfBusyMs > 0) ctx.loaders = new Loaders(ctx.upstream, ctx.chains);
  const cvm = await fetchCvm(ctx.upstream, ref);
  if (waitIfBusyMs > 0 && cvm.inProgress) {
    throw new GatewayError("OPERATION_IN_PROGRESS");
  }
  if (expectedVersion === null) return cvm;
  if (!cvm.hasReadableHash) throw new GatewayError("UPSTREAM_MALFORMED", errorMessages.composeHashUnreadable);
  assertVersion(expectedVersion, cvm);
  return cvm;
}

function assertVersion(expected: string, cvm: Cvm): void {
  const changes = listChangesSince(expected, cvm);
  if (changes === null) {
    const message = "Expected a configVersion that this API returned.";
    throw createInputError([{ path: "input.expectedVersion", message }]);
  }
  if (changes.length === 0) return;
  throw new GatewayError(
    "VERSION_CONFLICT",
    `The configuration has changed since expectedVersion: ${changes.join(", ")}. Nothing was sent.`,
    {
      currentVersion: computeConfigVersion(cvm),
      fields: changes.map((path) => ({ path, message: "Changed since expectedVersion." })),
    },
  );
}
