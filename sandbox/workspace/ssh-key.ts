import { createHash } from "node:crypto";
import { plainError } from "../http/api-error.ts";
import { deriveId } from "../identity.ts";

/** A public SSH key of a user. */
export type SshKey = {
  readonly id: string;
  readonly name: string;
  readonly publicKey: string;
  readonly fingerprint: string;
  readonly keyType: string;
  readonly source: "manual" | "github_profile";
  /** Milliseconds since 1970. */
  readonly createdAt: number;
};

const PUBLIC_KEY =
  /^(ssh-ed25519|ssh-rsa|ecdsa-sha2-nistp(?:256|384|521)|sk-\S+) +([A-Za-z0-9+/]+=*)(?: .*)?$/;

/**
 * Parse a public key in the format of OpenSSH.
 *
 * @throws ApiError 400
 */
export function createSshKey(facts: Pick<SshKey, "name" | "publicKey" | "source" | "createdAt">): SshKey {
  const publicKey = facts.publicKey.trim();
  const [, keyType, blob] = PUBLIC_KEY.exec(publicKey) ?? [];
  if (keyType === undefined || blob === undefined)
    throw plainError(400, "Invalid SSH key. Send a public key in the format of OpenSSH.");
  const digest = createHash("sha256").update(Buffer.from(blob, "base64")).digest("base64");
  return {
    ...facts,
    publicKey,
    keyType,
    id: deriveId("sk", publicKey),
    fingerprint: `SHA256:${digest.replace(/=+$/, "")}`,
  };
}
