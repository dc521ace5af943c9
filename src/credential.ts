import { createHmac, randomBytes } from "node:crypto";
import { errorMessages } from "./error-messages.ts";
import { GatewayError } from "./errors.ts";

/** The caller's credential, as it is sent to the REST API. It is never logged or cached. */
export type Credential =
  | { readonly scheme: "apiKey"; readonly secret: string }
  | { readonly scheme: "bearer"; readonly secret: string };

/** Request headers that can carry the credential. */
export const credentialHeaders = ["x-api-key", "authorization"] as const;

/**
 * Parse the caller's credential from request headers. When both are present, `X-API-Key` wins, as in the REST
 * API's SDKs.
 *
 * @returns null when the request has no credential.
 */
export function parseCredential(headers: Headers): Credential | null {
  const apiKey = headers.get("x-api-key")?.trim();
  if (apiKey) return { scheme: "apiKey", secret: apiKey };
  const token = /^bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
  return token === undefined ? null : { scheme: "bearer", secret: token };
}

/** Assert that the caller sent a credential. @throws {GatewayError} `UNAUTHENTICATED`. */
export function assertCredential(caller: Credential | null): asserts caller is Credential {
  if (caller === null) throw new GatewayError("UNAUTHENTICATED", errorMessages.credentialMissing);
}

/** Return the request header that carries the credential to the REST API. */
export function toCredentialHeader(credential: Credential): readonly [name: string, value: string] {
  return credential.scheme === "apiKey"
    ? ["x-api-key", credential.secret]
    : ["authorization", `Bearer ${credential.secret}`];
}

const fingerprintKey = randomBytes(32);

/**
 * Hash a credential for use as a key in this process. The hash has a random key that never leaves the process,
 * so a leaked fingerprint is useless elsewhere.
 */
export function fingerprint(credential: Credential): string {
  return createHmac("sha256", fingerprintKey)
    .update(`${credential.scheme}:${credential.secret}`)
    .digest("base64url");
}

/**
 * Hash a credential for use as a key in a store that several processes share. The credential is the key of the
 * hash, so it cannot be recovered.
 */
export function nameForStore(credential: Credential): string {
  return createHmac("sha256", credential.secret)
    .update(`cvm-gateway/rate\0${credential.scheme}`)
    .digest("base64url");
}
