import { createLocalJWKSet } from "jose";
import { z } from "zod";
import type { Logger } from "../../logger.ts";
import { parseSecureUrl } from "../secure-url.ts";
import type { FetchJson } from "./fetch-json.ts";
import { createKeySet, type KeySet } from "./key-set.ts";

/** The members of an OpenID provider's configuration that are used. */
const configuration = z.object({ issuer: z.string(), jwks_uri: z.string() });

const keyShape = z.looseObject({ kty: z.string() });
const keySetShape = z.object({ keys: z.array(z.unknown()) });

/** Parse a key set. A member that is no key is ignored (RFC 7517, section 5), unless no other one is left. */
function parseKeySet(body: unknown) {
  const { keys } = keySetShape.parse(body);
  const known = keys.flatMap((key) => keyShape.safeParse(key).data ?? []);
  if (known.length === 0 && keys.length > 0) throw new Error("The key set has no key.");
  return { keys: known };
}

function readText(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

/** Where the keys of an issuer are. Without `jwksUrl`, the issuer's openid-configuration says it. */
export type KeySource = { readonly issuer: string; readonly jwksUrl?: string | undefined };

async function discover(fetchJson: FetchJson, issuer: string): Promise<URL> {
  const url = new URL(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  const found = configuration.parse(await fetchJson(url));
  const jwksUrl = parseSecureUrl(found.jwks_uri);
  // A configuration of another issuer would make its keys sign for this one.
  if (found.issuer !== issuer || jwksUrl === null) throw new Error("The openid-configuration does not fit.");
  return jwksUrl;
}

/** Create the key set of an issuer. Nothing is fetched before the first use. */
export function createIssuerKeys(fetchJson: FetchJson, { issuer, jwksUrl }: KeySource, log: Logger): KeySet {
  return createKeySet(
    issuer,
    async () => {
      const url = jwksUrl === undefined ? await discover(fetchJson, issuer) : new URL(jwksUrl);
      const keySet = parseKeySet(await fetchJson(url));
      const names = keySet.keys.map((key) => ({ kid: readText(key["kid"]), alg: readText(key["alg"]) }));
      return { find: createLocalJWKSet(keySet), names };
    },
    log,
  );
}
