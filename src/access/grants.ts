import { compileWildcards } from "./cvm-pattern.ts";

/** Verified claims of a token. */
export type Claims = Readonly<Record<string, unknown>>;

/** A condition on one claim. */
export type ClaimRule = {
  readonly claim: string;
  /** Whether a value of the claim fulfils the condition. */
  readonly accepts: (value: string) => boolean;
};

/** Create the condition `has`: the claim is this text, or a list that contains it. */
export function createHasRule(claim: string, wanted: string): ClaimRule {
  return { claim, accepts: (value) => value === wanted };
}

/** Lower the case of A to Z only. Some other characters would become one of these letters. */
function lowerCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Create the condition `matches`: the claim, or an item of it, fits a pattern with `*`. Emails ignore case. */
export function createMatchesRule(claim: string, pattern: string): ClaimRule {
  if (claim !== "email") return { claim, accepts: compileWildcards(pattern) };
  const fits = compileWildcards(lowerCase(pattern));
  // A quoted local part may contain an @, so that the text after the first one is not the domain.
  return { claim, accepts: (value) => value.split("@").length === 2 && fits(lowerCase(value)) };
}

/** Find a claim by its name, or else by a path with dots, for example `realm_access.roles`. */
function findClaim(claims: Claims, name: string): unknown {
  if (Object.hasOwn(claims, name)) return claims[name];
  return name.split(".").reduce<unknown>((value, key) => {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
    return Reflect.get(value, key);
  }, claims);
}

/**
 * Whether verified claims fulfil a condition. The claim `email` counts only if the issuer verified it.
 *
 * @param trustEmail - whether the operator trusts every email of the issuer
 */
export function fulfils({ claim, accepts }: ClaimRule, claims: Claims, trustEmail: boolean): boolean {
  if (claim === "email" && !trustEmail && claims["email_verified"] !== true) return false;
  const value = findClaim(claims, claim);
  const values: unknown[] = Array.isArray(value) ? value : [value];
  return values.some((item) => typeof item === "string" && accepts(item));
}
