import { assertCredential, toCredentialHeaders } from "../../credential.ts";
import { ALREADY_REGISTERED } from "../configuration/hash-proof.ts";
import { createRedactor, type Redact } from "../errors/redact.ts";
import type { UpstreamRequest, UpstreamScope } from "./types.ts";

/** API version whose CVM ids are strings and whose `/kms` lists nodes. */
const API_VERSION = "2026-05-22";

/** Name of the gateway in its requests. The edge of the REST API refuses some common user agents. */
export const USER_AGENT = "cvm-gateway";

/** Build the path of a call with its query. Both are escaped. `basePath` is the path of the base URL. */
export function buildPath(basePath: string, { path, query }: UpstreamRequest): string {
  let built = basePath;
  for (const segment of path) built += `/${encodeURIComponent(segment)}`;
  if (query === undefined) return built;
  return `${built}?${new URLSearchParams(Object.entries(query).map(([name, value]) => [name, String(value)]))}`;
}

/** Build the body of a call. @returns null for a call without a body */
export function buildBody({ body }: UpstreamRequest): string | null {
  if (body === undefined) return null;
  return "json" in body ? (body.jsonText ?? JSON.stringify(body.json)) : body.text;
}

/**
 * Build the headers of a call, with the caller's credential and workspace unless the body contains a credential.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` when the caller has no credential
 */
export function buildHeaders(request: UpstreamRequest, scope: UpstreamScope): Record<string, string> {
  const { body } = request;
  const headers: Record<string, string> = {
    accept: "application/json, text/plain;q=0.9, */*;q=0.8",
    "user-agent": USER_AGENT,
    "x-phala-version": API_VERSION,
    "x-request-id": scope.requestId,
  };
  if (request.headers !== undefined) Object.assign(headers, request.headers);
  if (body !== undefined) headers["content-type"] = "json" in body ? "application/json" : body.contentType;
  if (request.credential !== undefined) return headers;
  assertCredential(scope.caller);
  return Object.assign(headers, toCredentialHeaders(scope.caller));
}

/** Members of a body whose value is a plain name, such as an OS image. The REST API's advice may quote it. */
const plainMembers = new Set(["image", "os_image_name", "instance_type"]);

/** Published words of the REST API that a body can have as a value. They are no secret, and its messages quote them. */
const publishedValues: ReadonlySet<string> = new Set([ALREADY_REGISTERED]);

function listTexts(value: unknown): string[] {
  if (typeof value === "string") return publishedValues.has(value) ? [] : [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

function listMembers({ body }: UpstreamRequest): [name: string, value: unknown][] {
  if (body === undefined) return [];
  if (!("json" in body)) return [["", body.text]];
  const { json } = body;
  return typeof json === "object" && json !== null ? Object.entries(json) : [["", json]];
}

function createBodyRedactor(request: UpstreamRequest, { caller }: UpstreamScope): Redact {
  const members = listMembers(request);
  const secrets = members.flatMap(([name, value]) => (plainMembers.has(name) ? [] : listTexts(value)));
  const names = members.flatMap(([name, value]) => (plainMembers.has(name) ? listTexts(value) : []));
  return createRedactor(caller === null ? secrets : [...secrets, caller.secret], names);
}

/**
 * Create the function that removes the texts of a request's body, and the caller's credential, from messages
 * about it. Plain names are removed as whole words only. Nothing is computed before the first text.
 */
export function createRequestRedactor(request: UpstreamRequest, scope: UpstreamScope): Redact {
  let created: Redact | undefined;
  const create = () => {
    created ??= createBodyRedactor(request, scope);
    return created;
  };
  return Object.assign((text: string) => create()(text), {
    together: (texts: readonly string[]) => create().together(texts),
  });
}
