import type { RequestListener } from "node:http";
import { exportJWK, generateKeyPair, type JWK, SignJWT } from "jose";
import Provider, { type Configuration } from "oidc-provider";
import { serve } from "../upstream/listen.ts";
import { AUDIENCE } from "./access-file.ts";

/** Resource for which the provider issues tokens with the audience of the gateway. */
export const RESOURCE = "https://gateway.example/";

/** The client of a page: it has no secret, and proves with PKCE that it began the sign-in. */
export const PAGE_CLIENT = "page";

/** The client of a program, which signs in with its secret. */
const PROGRAM = { id: "program", secret: "program-secret-0123456789" };

/** A signing key of the provider. */
export type SigningKey = {
  readonly kid: string;
  readonly alg: string;
  readonly key: CryptoKey;
  readonly jwk: JWK;
};

/** Create a signing key. */
export async function createSigningKey(kid: string, alg = "ES256"): Promise<SigningKey> {
  const { privateKey } = await generateKeyPair(alg, { extractable: true });
  return { kid, alg, key: privateKey, jwk: { ...(await exportJWK(privateKey)), kid, alg, use: "sig" } };
}

/** Claims by account, in addition to those that every token has. */
const accounts: Readonly<Record<string, object>> = {
  alice: { groups: ["platform"], email: "alice@example.com", email_verified: true },
};

function configure(keys: readonly SigningKey[], redirectUris: readonly string[]): Configuration {
  return {
    jwks: { keys: keys.map(({ jwk }) => jwk) },
    clients: [
      {
        client_id: PAGE_CLIENT,
        token_endpoint_auth_method: "none",
        redirect_uris: [...redirectUris],
        response_types: ["code"],
        grant_types: ["authorization_code"],
        application_type: "web",
        id_token_signed_response_alg: "ES256",
      },
      {
        client_id: PROGRAM.id,
        client_secret: PROGRAM.secret,
        redirect_uris: [],
        response_types: [],
        grant_types: ["client_credentials"],
        id_token_signed_response_alg: "ES256",
      },
    ],
    clientBasedCORS: () => true,
    cookies: { keys: ["only-for-tests"] },
    findAccount: (_ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    extraTokenClaims: (_ctx, token) =>
      "accountId" in token ? { ...accounts[token.accountId] } : { groups: ["programs"] },
    features: {
      clientCredentials: { enabled: true },
      devInteractions: { enabled: true },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => RESOURCE,
        useGrantedResource: () => true,
        getResourceServerInfo: () => ({
          scope: "cvms",
          audience: AUDIENCE,
          accessTokenFormat: "jwt",
          accessTokenTTL: 600,
          jwt: { sign: { alg: "ES256" } },
        }),
      },
    },
  };
}

/** What a token has apart from the usual. Null leaves a claim out. */
export type TokenOptions = {
  readonly key?: SigningKey;
  readonly kid?: string;
  readonly issuer?: string;
  readonly audience?: string | readonly string[];
  /** Seconds from now. */
  readonly expiresIn?: number | undefined;
  /** Seconds from now. */
  readonly notBefore?: number;
};

/**
 * Start a certified OpenID provider (`oidc-provider`). It serves its discovery document, its keys and its sign-in.
 * Its keys can be replaced, and it can be made unreachable.
 */
export async function startProvider() {
  let keys = [await createSigningKey("first")];
  let handle: RequestListener | null = null;
  const requests: string[] = [];
  const redirectUris: string[] = [];
  const server = await serve((request, response) => {
    requests.push(request.url ?? "");
    if (handle === null) request.socket.destroy();
    else handle(request, response);
  });
  const begin = () => {
    handle = new Provider(server.url, configure(keys, redirectUris)).callback();
  };
  begin();
  return {
    issuer: server.url,
    jwksUrl: `${server.url}/jwks`,
    /** Paths of the requests so far. */
    requests,
    /** The key that signs now. */
    get key(): SigningKey {
      const [first] = keys;
      if (first === undefined) throw new Error("The provider has no key.");
      return first;
    },
    /** Replace all keys by a new one. */
    async rotate(kid: string, alg = "ES256"): Promise<void> {
      keys = [await createSigningKey(kid, alg)];
      begin();
    },
    /** Let a page of this address sign people in. */
    allowRedirect(uri: string): void {
      redirectUris.push(uri);
      begin();
    },
    /** Close every connection without an answer, until `resume`. */
    interrupt(): void {
      handle = null;
    },
    resume: begin,
    /** Sign a token with the provider's own key, as its token endpoint does. */
    sign(subject: string, claims: Readonly<Record<string, unknown>> = {}, options: TokenOptions = {}) {
      const now = Math.floor(Date.now() / 1000);
      const { key = this.key, audience = AUDIENCE, expiresIn = 300, notBefore } = options;
      const token = new SignJWT({ ...claims })
        .setProtectedHeader({ alg: key.alg, kid: options.kid ?? key.kid })
        .setSubject(subject)
        .setIssuer(options.issuer ?? server.url)
        .setAudience(typeof audience === "string" ? audience : [...audience])
        .setIssuedAt(now - 1)
        .setExpirationTime(now + expiresIn);
      if (notBefore !== undefined) token.setNotBefore(now + notBefore);
      return token.sign(key.key);
    },
    /** Fetch a token of the program from the token endpoint. */
    async fetchProgramToken(): Promise<string> {
      const response = await fetch(`${server.url}/token`, {
        method: "POST",
        headers: {
          "content-type": "application/x-www-form-urlencoded",
          authorization: `Basic ${Buffer.from(`${PROGRAM.id}:${PROGRAM.secret}`).toString("base64")}`,
        },
        body: new URLSearchParams({ grant_type: "client_credentials", resource: RESOURCE, scope: "cvms" }),
      });
      const { access_token: token } = await response.json();
      return String(token);
    },
    [Symbol.asyncDispose]: server.stop,
  };
}
