import { createInputError } from "../../errors.ts";
import { type CvmRef, parseCvmRef } from "../../upstream/cvm-ref.ts";

/**
 * Parse the CVM identifier of an argument or input.
 *
 * @param path input path for the error, for example `input.id`
 * @throws {GatewayError} `BAD_USER_INPUT`
 */
export function parseCvmRefArgument(id: string, path: string): CvmRef {
  const ref = parseCvmRef(id);
  if (ref !== null) return ref;
  throw createInputError([
    { path, message: "Expected a cvm_… id, a UUID, an app id, instance_<40 hex> or a CVM name." },
  ]);
}
