import { createHmac } from "node:crypto";
import { errorMessages } from "./error-messages.ts";
import { GatewayError } from "./errors.ts";

/** Return the value of a field that says who sends a request: a header, or a member of `connectionParams`. */
export type FieldReader = (name: string) => string | null;

/** Return all values of such a field: a header can be sent several times, and a socket has two places for it. */
export type AllValuesReader = (name: string) => readonly string[];

/** A credential, as it is sent to the REST API. It is never logged, and kept no longer than its connection. */
export type Credential = {
  readonly scheme: "apiKey" | "bearer";
  readonly secret: string;
  /** Slug of the workspace that the caller chose. Null for the workspace that the credential belongs to. */
  readonly workspace: string | null;
  /** Whether it is a key that the gateway holds, and not one that the client sent. */
  readonly isServerKey?: true;
};

/** Whether two credentials are equal in everything that is sent, and in whose they are. */
export function isSameCredential(
  one: Credential,
  { scheme, secret, workspace, isServerKey }: Credential,
): boolean {
  return (
    one.secret === secret &&
    one.scheme === scheme &&
    one.workspace === workspace &&
    one.isServerKey === isServerKey
  );
}

/** A person or a program that signed in at an issuer. The gateway sends its own key for it. */
type SignedIn = {
  readonly scheme: "token";
  readonly issuer: string;
  readonly subject: string;
  /** Name of the workspace in the access file. */
  readonly workspace: string;
  /** Seals what is kept for the caller. It is derived from the key of the workspace. */
  readonly secret: string;
};

/** A commit token. It is the credential of a call whose body contains it. */
export type CommitToken = {
  readonly scheme: "commitToken";
  readonly secret: string;
  /** A token belongs to one CVM, so no workspace is sent with it. */
  readonly workspace: null;
};

/**
 * Who sends a request. Idempotency keys, rate limits and streams belong to the caller; locks, the breaker and polls
 * belong to the credential that is sent to the REST API.
 */
export type Caller = Credential | SignedIn;

/** What something is kept for, under a name of its own: a caller, a credential or a commit token. */
export type Owner = Caller | Credential | CommitToken;

/** Request header that names the caller's workspace. */
export const WORKSPACE_HEADER = "x-phala-workspace";

/** Request headers that say who the caller is. */
export const callerHeaders = ["x-api-key", "authorization", WORKSPACE_HEADER] as const;

/** Slug of a workspace of the REST API. */
export const workspaceSlug = /^[a-z0-9_-]{1,64}$/;

/** Parse the workspace of a request. An empty header is invalid: it must not select another workspace. */
function parseWorkspace(read: FieldReader): string | null {
  const slug = read(WORKSPACE_HEADER);
  if (slug === null || workspaceSlug.test(slug)) return slug;
  throw new GatewayError("BAD_USER_INPUT", errorMessages.workspaceInvalid);
}

/**
 * Parse the credential of a request. When both are present, `X-API-Key` wins, as in the REST
 * API's SDKs.
 *
 * @returns null when the request has no credential.
 * @throws {GatewayError} `BAD_USER_INPUT` for an `X-Phala-Workspace` that is not a slug
 */
export function parseCredential(read: FieldReader): Credential | null {
  const workspace = parseWorkspace(read);
  const apiKey = read("x-api-key")?.trim();
  if (apiKey) return { scheme: "apiKey", secret: apiKey, workspace };
  const token = /^bearer +(\S+)$/i.exec(read("authorization")?.trim() ?? "")?.[1];
  return token === undefined ? null : { scheme: "bearer", secret: token, workspace };
}

/** Assert that the caller sent a credential. @throws {GatewayError} `UNAUTHENTICATED`. */
export function assertCredential(caller: Credential | null): asserts caller is Credential {
  if (caller === null) throw new GatewayError("UNAUTHENTICATED", errorMessages.credentialMissing);
}

/** Return the request headers that carry the credential and its workspace to the REST API. */
export function toCredentialHeaders({ scheme, secret, workspace }: Credential): Record<string, string> {
  return {
    ...(scheme === "apiKey" ? { "x-api-key": secret } : { authorization: `Bearer ${secret}` }),
    ...(workspace === null ? {} : { [WORKSPACE_HEADER]: workspace }),
  };
}

/**
 * Return the key of the hashes that name what belongs to an owner. A signed-in caller keeps its names when the key
 * of its workspace is replaced: otherwise a repeat of a write would be sent again.
 */
export function getNamingKey(owner: Owner): string {
  return owner.scheme === "token" ? JSON.stringify([owner.issuer, owner.subject]) : owner.secret;
}

/** Names by the object that they belong to, so that a request hashes once. No name outlives its owner. */
const names = new WeakMap<Owner, string>();

/**
 * Name an owner. Everything that belongs to a caller is kept under this name: streams, rate limits, circuits,
 * locks and reserved connections. Two workspaces of one credential have two names. Idempotency keys are named
 * by a hash that has the secret as its key as well, and the workspace as its purpose.
 *
 * The name is the same in all processes, so that a shared store can use it. The secret of a credential is the key
 * of the hash, so it cannot be recovered from the name.
 */
export function nameOwner(owner: Owner): string {
  const known = names.get(owner);
  if (known !== undefined) return known;
  const { scheme, workspace } = owner;
  const name = createHmac("sha256", getNamingKey(owner))
    .update(`cvm-gateway/owner\0${scheme}\0${workspace ?? ""}`)
    .digest("base64url");
  names.set(owner, name);
  return name;
}
