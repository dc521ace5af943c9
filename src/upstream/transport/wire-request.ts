import { toCredentialHeader } from "../../credential.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { UpstreamRequest, UpstreamScope } from "./types.ts";

/** The version whose CVM ids are strings and whose KMS answers are nodes. */
const API_VERSION = "2026-05-22";

/** The address of a call, its path segments and query escaped. */
export function buildUrl(baseUrl: string, { path, query }: UpstreamRequest): URL {
  const search =
    query === undefined
      ? ""
      : `?${new URLSearchParams(Object.entries(query).map(([k, v]) => [k, String(v)]))}`;
  return new URL(`${baseUrl}/${path.map(encodeURIComponent).join("/")}${search}`);
}

/** The text of a call's body, null where it has none. */
export function buildBody({ body }: UpstreamRequest): string | null {
  if (body === undefined) return null;
  return "json" in body ? JSON.stringify(body.json) : body.text;
}

/**
 * The headers of a call, with the caller's credential unless the body is one.
 *
 * @throws {GatewayError} `UNAUTHENTICATED` where the caller has none.
 */
export function buildHeaders(request: UpstreamRequest, scope: UpstreamScope): Record<string, string> {
  const { body } = request;
  const headers: Record<string, string> = {
    accept: "application/json, text/plain;q=0.9, */*;q=0.8",
    "user-agent": "cvm-gateway",
    "x-phala-version": API_VERSION,
    "x-request-id": scope.requestId,
    ...request.headers,
  };
  if (body !== undefined) headers["content-type"] = "json" in body ? "application/json" : body.contentType;
  if (request.credential === "none") return headers;
  if (scope.caller === null) {
    throw new GatewayError("UNAUTHENTICATED", errorMessages.credentialMissing);
  }
  const [name, value] = toCredentialHeader(scope.caller);
  headers[name] = value;
  return headers;
}

/** Members of a body that name something that the REST API knows: no secrets, and parts of its advice. */
const plainMembers = new Set(["image", "os_image_name", "instance_type"]);

function listTexts(value: unknown): string[] {
  if (typeof value === "string") return [value];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(listTexts) : [];
}

function listMembers({ body }: UpstreamRequest): [name: string, value: unknown][] {
  if (body === undefined) return [];
  if (!("json" in body)) return [["", body.text]];
  const { json } = body;
  return typeof json === "object" && json !== null ? Object.entries(json) : [["", json]];
}

/** Every text of a call's body that may be secret: an error message must quote no part of them. */
export function listBodyTexts(request: UpstreamRequest): string[] {
  return listMembers(request).flatMap(([name, value]) => (plainMembers.has(name) ? [] : listTexts(value)));
}

/** The texts of a call's body that are plain names: an error message may have parts of them. */
export function listPlainTexts(request: UpstreamRequest): string[] {
  return listMembers(request).flatMap(([name, value]) => (plainMembers.has(name) ? listTexts(value) : []));
}
