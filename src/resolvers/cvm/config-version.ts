import { createHash } from "node:crypto";
import type { Cvm } from "../../upstream/resources/cvms.ts";

/** Characters of each part's digest: 36 bits, so one change in 7 * 10^10 is not detected. */
const PART_LENGTH = 6;

/** List the parts of a configuration by the input field that changes them. */
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
 * Compute the version of a CVM's present configuration: a digest of each part that both the list and the
 * detail of the REST API report. Values of environment variables are not included. Their names are, in the
 * compose hash.
 */
export function computeConfigVersion(cvm: Cvm): string {
  return Object.values(listParts(cvm)).map(digest).join("");
}

/**
 * List the parts of the configuration that changed since an earlier version.
 *
 * @returns null for text that is not a version of this gateway
 */
export function listChangesSince(version: string, cvm: Cvm): string[] | null {
  const parts = Object.entries(listParts(cvm));
  if (version.length !== parts.length * PART_LENGTH || !/^[\w-]+$/.test(version)) return null;
  return parts.flatMap(([name, part], index) => {
    const before = version.slice(index * PART_LENGTH, (index + 1) * PART_LENGTH);
    return before === digest(part) ? [] : [name];
  });
}
