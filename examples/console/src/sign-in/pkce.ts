import * as oauth from "oauth4webapi";
import type { SignInSettings } from "../app/settings.ts";
import { type Credential, createTokenCredential } from "./credential.ts";

/** What has to outlive the way to the provider and back. It is useless without the code, and is used once. */
const STORAGE_KEY = "cvm-console.sign-in";

type Begun = { readonly verifier: string; readonly state: string; readonly returnTo: string };

const redirectUri = () => `${location.origin}/`;

/** A provider on this machine may use HTTP. Every other one needs HTTPS. */
function createOptions({ issuer }: SignInSettings) {
  const { protocol, hostname } = new URL(issuer);
  const isLocal = protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname);
  return { [oauth.allowInsecureRequests]: isLocal };
}

async function discover(settings: SignInSettings): Promise<oauth.AuthorizationServer> {
  const issuer = new URL(settings.issuer);
  const response = await oauth.discoveryRequest(issuer, { algorithm: "oidc", ...createOptions(settings) });
  return oauth.processDiscoveryResponse(issuer, response);
}

/** Send the person to the provider. The page is left. */
export async function beginSignIn(settings: SignInSettings, returnTo: string): Promise<void> {
  const server = await discover(settings);
  if (server.authorization_endpoint === undefined) throw new Error("The provider has no page to sign in.");
  const verifier = oauth.generateRandomCodeVerifier();
  const state = oauth.generateRandomState();
  const begun: Begun = { verifier, state, returnTo };
  sessionStorage.setItem(STORAGE_KEY, JSON.stringify(begun));
  const url = new URL(server.authorization_endpoint);
  const query = {
    client_id: settings.clientId,
    redirect_uri: redirectUri(),
    response_type: "code",
    scope: settings.scope,
    state,
    code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
    code_challenge_method: "S256",
    ...(settings.resource !== null && { resource: settings.resource }),
  };
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, value);
  location.assign(url);
}

/** Whether this page was opened by the provider, with the answer to a sign-in. */
export function isSignInAnswer(): boolean {
  const query = new URLSearchParams(location.search);
  return query.has("state") && (query.has("code") || query.has("error"));
}

function takeBegun(): Begun | null {
  const stored = sessionStorage.getItem(STORAGE_KEY);
  sessionStorage.removeItem(STORAGE_KEY);
  if (stored === null) return null;
  const { verifier, state, returnTo }: Partial<Record<string, unknown>> = JSON.parse(stored);
  if (typeof verifier !== "string" || typeof state !== "string") return null;
  // Only a path of this page, never another site.
  const isPath = typeof returnTo === "string" && /^\/(?!\/)/.test(returnTo);
  return { verifier, state, returnTo: isPath ? returnTo : "/" };
}

/**
 * Exchange the code in the address for a token, and remove it from the address.
 *
 * @returns the credential, and the path from which the sign-in began
 */
export async function finishSignIn(
  settings: SignInSettings,
): Promise<{ readonly credential: Credential; readonly returnTo: string }> {
  const answer = new URL(location.href);
  history.replaceState(null, "", "/");
  const begun = takeBegun();
  if (begun === null) throw new Error("This page did not begin the sign-in. Sign in again.");
  const server = await discover(settings);
  const client: oauth.Client = { client_id: settings.clientId };
  const parameters = oauth.validateAuthResponse(server, client, answer, begun.state);
  const response = await oauth.authorizationCodeGrantRequest(
    server,
    client,
    oauth.None(),
    parameters,
    redirectUri(),
    begun.verifier,
    {
      ...createOptions(settings),
      ...(settings.resource !== null && { additionalParameters: { resource: settings.resource } }),
    },
  );
  const tokens = await oauth.processAuthorizationCodeResponse(server, client, response);
  return {
    credential: createTokenCredential(tokens.access_token, tokens.expires_in),
    returnTo: begun.returnTo,
  };
}
