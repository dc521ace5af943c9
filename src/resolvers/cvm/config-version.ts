import { createHash } from "node:crypto";
import type { Cvm } from "../../upstream/resources/cvms.ts";

/** Characters of each part's digest: 36 bits, so that a change is missed once in 7 * 10^10 times. */
const PART_LENGTH = 6;

/** The parts of a configuration, by the input name that changes them. */
function listParts({ composeHash, dockerComposeHash, preLaunchScriptHash, resources, os, visibility }: Cvm) {
  return {
    compose: composeHash,
    dockerComposeFile: dockerComposeHash,
    preLaunchScript: preLaunchScriptHash,
    instanceType: resources.instanceType,
    vcpu: resources.vcpu,
    memoryMb: resources.memoryMb,
    diskSizeGb: resources.diskSizeGb,
    gpuCount: resources.gpuCount,
    image: os,
    ...visibility,
  };
}

function digest(part: unknown): string {
  return createHash("sha256").update(JSON.stringify(part)).digest("base64url").slice(0, PART_LENGTH);
}

/**
 * Names the configuration that a CVM has now: a digest of each part that the REST API's list and detail both
 * tell. Values of environment variables are not among them; their allowed keys are, in the compose hash.
 */
export function computeConfigVersion(cvm: Cvm): string {
  return Object.values(listParts(cvm)).map(digest).join("");
}

/**
 * Lists the parts in which a CVM differs from a version that was read before.
 *
 * @returns null for text that is no version of this gateway.
 */
export function listChangesSince(version: string, cvm: Cvm): string[] | null {
  const parts = Object.entries(listParts(cvm));
  if (version.length !== parts.length * PART_LENGTH || !/^[\w-]+$/.test(version)) return null;
  return parts.flatMap(([name, part], index) => {
    const before = version.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH);
    return before === digest(part) ? [] : [name];
  });
}
