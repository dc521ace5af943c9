import { hash } from "node:crypto";
import type { Cvm } from "../../upstream/resources/cvms.ts";

/** Characters of the digest of the whole configuration: 96 bits. It decides whether anything has changed. */
const DIGEST_LENGTH = 16;

/** Characters of the checksum of each part: 18 bits. It only names what has changed. */
const CHECKSUM_LENGTH = 3;

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/** Versions by the object that they were computed from. */
const versions = new WeakMap<Cvm, string>();

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

/** Compute a checksum (FNV-1a) of a text. */
function sum(text: string): string {
  let value = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  const mixed = value ^ (value >>> 15);
  return [12, 6, 0].map((shift) => ALPHABET.charAt((mixed >>> shift) & 63)).join("");
}

/**
 * Compute the version of a CVM's present configuration: a digest of all parts that both the list and the detail of
 * the REST API report, and a checksum of each. It is the same in all processes. Values of environment variables are
 * not included. Their names are, in the compose hash.
 */
export function computeConfigVersion(cvm: Cvm): string {
  const known = versions.get(cvm);
  if (known !== undefined) return known;
  const texts = Object.values(listParts(cvm)).map((part) => JSON.stringify(part));
  const digest = hash("sha256", texts.join("\n"), "base64url").slice(0, DIGEST_LENGTH);
  const version = digest + texts.map(sum).join("");
  versions.set(cvm, version);
  return version;
}

/**
 * List the parts of the configuration that changed since an earlier version.
 *
 * @returns null for text that is not a version of this gateway
 */
export function listChangesSince(version: string, cvm: Cvm): string[] | null {
  const present = computeConfigVersion(cvm);
  if (version.length !== present.length || !/^[\w-]+$/.test(version)) return null;
  if (version.slice(0, DIGEST_LENGTH) === present.slice(0, DIGEST_LENGTH)) return [];
  const names = Object.keys(listParts(cvm));
  const changed = names.filter((_name, index) => {
    const start = DIGEST_LENGTH + index * CHECKSUM_LENGTH;
    return version.slice(start, start + CHECKSUM_LENGTH) !== present.slice(start, start + CHECKSUM_LENGTH);
  });
  return changed.length > 0 ? changed : names;
}
