import { createHmac } from "node:crypto";
import type { AllValuesReader, Credential, FieldReader } from "../credential.ts";
import { errorMessages } from "../error-messages.ts";
import { createInputError, GatewayError } from "../errors.ts";
import { identifyByCredential } from "./identify-by-credential.ts";
import { noRights, unprovenRights } from "./rights.ts";
import { type AccessRules, findRights, type IssuerRule } from "./rules.ts";
import {
  createTokenError,
  isMeantFor,
  readClaimedIssuer,
  type VerifiedToken,
  verifyToken,
} from "./tokens/verify-token.ts";
import type { Identity } from "./types.ts";

/** Request header that names one of several workspaces. */
const WORKSPACE_FIELD = "x-workspace";

/** A token, and the issuer that it claims to be from. */
type PresentedToken = { readonly token: string; readonly issuer: IssuerRule };

/**
 * Read a token from a value of a header. Access proxies send it without the word Bearer. Another scheme, such as Basic,
 * is for a proxy in front.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` for the word Bearer without one token
 */
function readToken(header: string, value: string): string | null {
  const text = value.trim();
  const bearer = /^bearer +(\S+)$/i.exec(text)?.[1];
  if (bearer !== undefined) return bearer;
  if (header !== "authorization") return text === "" ? null : text;
  if (/^bearer(?:\s|$)/i.test(text)) throw createTokenError();
  return null;
}

/**
 * List the tokens of a request. Each header of the access file can have one, also several times: over a WebSocket, the
 * upgrade request and `connectionParams` can.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` for a text that is no token of a known issuer
 */
function listTokens(
  { issuers, passthrough }: AccessRules,
  readAll: AllValuesReader,
): readonly PresentedToken[] {
  const found: PresentedToken[] = [];
  for (const header of new Set(issuers.map((issuer) => issuer.header))) {
    for (const token of new Set(readAll(header).map((value) => readToken(header, value)))) {
      if (token === null) continue;
      const claimed = readClaimedIssuer(token);
      const issuer = issuers.find((rule) => rule.header === header && rule.issuer === claimed);
      if (issuer !== undefined) found.push({ token, issuer });
      // A bearer token of another issuer is the caller's own credential, which the REST API checks.
      else if (header !== "authorization" || !passthrough) throw createTokenError();
    }
  }
  return found;
}

/**
 * Verify every token of a request. A token that fails is never ignored, and all must be of one caller.
 *
 * @returns the first one, with the end of the one that ends first; null for a request without a token
 * @throws {GatewayError} `UNAUTHENTICATED`, `SIGN_IN_UNAVAILABLE`
 */
async function verifyTokens(presented: readonly PresentedToken[]) {
  const verified: { readonly token: VerifiedToken; readonly rule: IssuerRule }[] = [];
  for (const { token, issuer } of presented) {
    verified.push({ token: await verifyToken(token, issuer), rule: issuer });
  }
  const [first = null, ...others] = verified;
  const isOther = ({ token: { issuer, subject } }: (typeof verified)[number]) =>
    issuer !== first?.token.issuer || subject !== first.token.subject;
  if (others.some(isOther)) throw createTokenError();
  if (first === null) return null;
  const expiresAt = Math.min(...verified.map(({ token }) => token.expiresAt));
  return { token: { ...first.token, expiresAt }, rule: first.rule };
}

/** Choose the workspace of a request. @throws {GatewayError} `FORBIDDEN`, `BAD_USER_INPUT` */
function chooseWorkspace(names: readonly string[], readAll: AllValuesReader): string {
  const [only, ...others] = names;
  if (only === undefined) throw new GatewayError("FORBIDDEN", errorMessages.noRole);
  const [wanted, ...more] = new Set(readAll(WORKSPACE_FIELD));
  const listed = names.join(", ");
  if (more.length > 0) {
    throw createInputError([
      { path: "X-Workspace", message: `Name only one of your workspaces: ${listed}.` },
    ]);
  }
  if (wanted !== undefined) {
    if (names.includes(wanted)) return wanted;
    throw new GatewayError(
      "FORBIDDEN",
      `You have no role in the workspace of X-Workspace. You have roles in: ${listed}.`,
    );
  }
  if (others.length === 0) return only;
  throw createInputError([{ path: "X-Workspace", message: `Name one of your workspaces: ${listed}.` }]);
}

/** Derive what seals the outcomes of a caller's idempotency keys. Only this caller's requests derive the same. */
function deriveSecret({ secret }: Credential, { issuer, subject }: VerifiedToken): string {
  return createHmac("sha256", secret)
    .update(JSON.stringify(["caller", issuer, subject]))
    .digest("base64url");
}

function toIdentity(
  rules: AccessRules,
  token: VerifiedToken,
  rule: IssuerRule,
  readAll: AllValuesReader,
): Identity {
  const rights = findRights(rules, token, rule.trustEmail);
  const workspace = chooseWorkspace([...rights.keys()].toSorted(), readAll);
  const credential = rules.workspaces.get(workspace);
  const own = rights.get(workspace);
  if (credential === undefined || own === undefined)
    throw new GatewayError("FORBIDDEN", errorMessages.noRole);
  const { issuer, subject, expiresAt } = token;
  return {
    caller: { scheme: "token", issuer, subject, workspace, secret: deriveSecret(credential, token) },
    credential,
    rights: own,
    expiresAt,
  };
}

/**
 * Identify a caller by its own credential. A token for this gateway, in a header that its issuer does not use, is not
 * such a credential: it must not reach the REST API.
 *
 * @throws {GatewayError} `UNAUTHENTICATED`, `BAD_USER_INPUT`
 */
function identifyOwnCredential({ issuers }: AccessRules, read: FieldReader): Identity {
  const identity = identifyByCredential(read);
  const secret = identity.credential?.secret;
  if (secret !== undefined && issuers.some((issuer) => isMeantFor(secret, issuer))) throw createTokenError();
  return identity;
}

/** The identity of a request that has neither a token nor a credential that may be used. */
const anonymous: Identity = { caller: null, credential: null, rights: noRights, expiresAt: null };

/** Create the identification of callers by the tokens of issuers. */
export function createIdentify(getRules: () => AccessRules) {
  return {
    /** Without an issuer that uses `Authorization`, an access proxy sets the header of the token. */
    suggestHeaders(): Readonly<Record<string, string>> {
      const { issuers, passthrough } = getRules();
      if (issuers.some(({ header }) => header === "authorization"))
        return { Authorization: "Bearer your token" };
      return passthrough ? { "X-API-Key": "your key" } : {};
    },
    async identify(read: FieldReader, readAll: AllValuesReader): Promise<Identity> {
      const rules = getRules();
      const verified = await verifyTokens(listTokens(rules, readAll));
      if (verified === null) {
        const identity = rules.passthrough ? identifyOwnCredential(rules, read) : anonymous;
        return identity.caller === null ? anonymous : { ...identity, rights: unprovenRights };
      }
      return toIdentity(rules, verified.token, verified.rule, readAll);
    },
  };
}
