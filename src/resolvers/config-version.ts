import { createHash } from "node:crypto";
import type { Cvm } from "../upstream/cvms.ts";

/**
 * Names the configuration that a CVM has now: a digest over all that the REST API's list and detail both
 * tell of it. Values of environment variables are not among that, their allowed keys are (in the compose
 * hash).
 */
export function computeConfigVersion(cvm: Cvm): string {
  const { hourlyRate: _, ...resources } = cvm.resources;
  const configuration = [
    cvm.composeHash,
    cvm.dockerComposeHash,
    cvm.preLaunchScriptHash,
    resources,
    cvm.os,
    cvm.visibility,
  ];
  return createHash("sha256").update(JSON.stringify(configuration)).digest("base64url").slice(0, 22);
}
