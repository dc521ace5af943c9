import { createInputError } from "../../errors.ts";
import { type CvmRef, parseCvmRef } from "../../upstream/cvm-ref.ts";

/**
 * Reads a CVM identifier of an argument or input.
 *
 * @throws {GatewayError} `BAD_USER_INPUT` on `path`, before anything is sent.
 */
export function readCvmRef(id: string, path: string): CvmRef {
  const ref = parseCvmRef(id);
  if (ref !== null) return ref;
  throw createInputError([
    { path, message: "Expected a cvm_… id, a UUID, an app id, instance_<40 hex> or a CVM name." },
  ]);
}
