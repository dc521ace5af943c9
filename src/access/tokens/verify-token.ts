import { type CryptoKey, decodeJwt, decodeProtectedHeader, errors, jwtVerify } from "jose";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { Claims } from "../grants.ts";
import type { KeySet } from "./key-set.ts";

/** Signature algorithms with a public key. `none` and HMAC are never accepted. */
const ALGORITHMS: string[] = [
  "RS256",
  "RS384",
  "RS512",
  "PS256",
  "PS384",
  "PS512",
  "ES256",
  "ES384",
  "ES512",
  "EdDSA",
  "Ed25519",
];

/** The three parts of a token. jose would also accept padding, so one token would have several forms. */
const COMPACT_FORM = /^[\w-]+\.[\w-]+\.[\w-]+$/;

/** The longest token, in characters. */
const MAX_TOKEN_CHARACTERS = 16 * 1024;

/** The most that the clocks of an issuer and of the gateway may differ for `nbf`, in seconds. */
const CLOCK_TOLERANCE_SECONDS = 5;

/** What a token of one issuer must have. */
export type TokenRule = {
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly keys: KeySet;
};

/** A token that was verified. */
export type VerifiedToken = {
  readonly issuer: string;
  readonly subject: string;
  /** End of the token in milliseconds since 1970. */
  readonly expiresAt: number;
  readonly claims: Claims;
};

/** Create the error of every token that is not accepted. It does not say why. */
export function createTokenError(): GatewayError {
  return new GatewayError("UNAUTHENTICATED", errorMessages.tokenInvalid);
}

/** Return the issuer that a token claims to be from, without verifying it. Null for a text that is no token. */
export function readClaimedIssuer(token: string): string | null {
  if (token.length > MAX_TOKEN_CHARACTERS) return null;
  try {
    return decodeJwt(token).iss ?? null;
  } catch {
    return null;
  }
}

/** Whether a text claims to be a token of an issuer for this gateway. Nothing is verified. */
export function isMeantFor(
  text: string,
  { issuer, audience }: Pick<TokenRule, "issuer" | "audience">,
): boolean {
  if (readClaimedIssuer(text) !== issuer) return false;
  const { aud = [] } = decodeJwt(text);
  return [aud].flat().some((name) => audience.includes(name));
}

function readAlgorithm(token: string): string | null {
  try {
    const { alg } = decodeProtectedHeader(token);
    if (!COMPACT_FORM.test(token)) return null;
    return typeof alg === "string" && ALGORITHMS.includes(alg) ? alg : null;
  } catch {
    return null;
  }
}

/** Whether a token says itself that it has ended. Its sender knows that without asking. */
function hasEnded(token: string): boolean {
  try {
    const { exp } = decodeJwt(token);
    return typeof exp === "number" && exp * 1_000 <= Date.now();
  } catch {
    return true;
  }
}

/** Errors about the claims of a token whose signature is right. */
const claimErrors = [errors.JWTClaimValidationFailed, errors.JWTExpired, errors.JWTInvalid];

/** Verify a token with one key. @returns "refused" for its claims; null if the key has not signed it */
async function verifyWith(
  token: string,
  key: CryptoKey,
  { issuer, audience }: TokenRule,
): Promise<VerifiedToken | "refused" | null> {
  try {
    const { payload } = await jwtVerify(token, key, {
      issuer,
      audience: [...audience],
      algorithms: ALGORITHMS,
      requiredClaims: ["sub", "exp"],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
    });
    const { exp = 0 } = payload;
    // Nothing has checked the type of this claim.
    const sub: unknown = payload.sub;
    const expiresAt = exp * 1_000;
    // The tolerance is for tokens that seem to be from the future, not for tokens that have ended. JSON has numbers
    // that become Infinity, and such a token would never end.
    const isInTime = expiresAt > Date.now() && Number.isFinite(expiresAt);
    if (typeof sub !== "string" || sub === "" || !isInTime) return "refused";
    return { issuer, subject: sub, expiresAt, claims: payload };
  } catch (error) {
    return claimErrors.some((type) => error instanceof type) ? "refused" : null;
  }
}

/**
 * Verify a token: signature, issuer, audience, `exp` and `nbf`. A token whose key is not known takes as long as one
 * with a wrong signature.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` with the same message for every reason; `SIGN_IN_UNAVAILABLE`
 */
export async function verifyToken(token: string, rule: TokenRule): Promise<VerifiedToken> {
  // No key is fetched for such a token. Its audience is checked with the key only: the difference would tell
  // anyone who makes up tokens which audience is right.
  if (readAlgorithm(token) === null || hasEnded(token)) throw createTokenError();
  const verdict = await rule.keys.check(decodeProtectedHeader(token), (key) => verifyWith(token, key, rule));
  if (verdict === null || verdict === "refused") throw createTokenError();
  return verdict;
}
