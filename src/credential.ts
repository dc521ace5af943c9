import { createHmac, randomBytes } from "node:crypto";

/** The caller's own credential, exactly as it is sent on. It is never logged, cached or compared. */
export type Credential =
  | { readonly scheme: "apiKey"; readonly secret: string }
  | { readonly scheme: "bearer"; readonly secret: string };

/**
 * Reads the caller's credential from request headers. With both present `X-API-Key` wins, as in the
 * REST API's SDKs.
 *
 * @returns null when the request carries none.
 */
export function readCredential(headers: Headers): Credential | null {
  const apiKey = headers.get("x-api-key")?.trim();
  if (apiKey) return { scheme: "apiKey", secret: apiKey };
  const token = /^bearer +(\S+)$/i.exec(headers.get("authorization")?.trim() ?? "")?.[1];
  return token === undefined ? null : { scheme: "bearer", secret: token };
}

/** The request header that carries the credential upstream. */
export function toCredentialHeader(credential: Credential): readonly [name: string, value: string] {
  return credential.scheme === "apiKey"
    ? ["x-api-key", credential.secret]
    : ["authorization", `Bearer ${credential.secret}`];
}

const fingerprintKey = randomBytes(32);

/**
 * A name for a credential that is worth nothing outside this process: a hash under a key that is made at its
 * start and never leaves it.
 */
export function fingerprint(credential: Credential): string {
  return createHmac("sha256", fingerprintKey)
    .update(`${credential.scheme}:${credential.secret}`)
    .digest("base64url");
}

/**
 * A name for a credential in a store that several processes share: a hash under the credential itself, from
 * which it cannot be had back.
 */
export function nameForStore(credential: Credential): string {
  return createHmac("sha256", credential.secret)
    .update(`cvm-gateway/rate\0${credential.scheme}`)
    .digest("base64url");
}
