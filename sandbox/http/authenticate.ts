import type { MiddlewareHandler } from "hono";
import { bareHex } from "../identity.ts";
import { nameTenant, type Workspace } from "../workspace/workspace.ts";
import type { World } from "../world.ts";
import { businessError, plainError } from "./api-error.ts";
import { parseApiVersion } from "./api-version.ts";
import type { ApiEnv } from "./context.ts";
import { BASE_PATH } from "./record-request.ts";

/** Prefix of every key. The rest of the key selects the workspace. */
const KEY_PREFIX = "sandbox-";

/** Maximum length of a key, to bound the memory. */
const MAX_KEY_CHARACTERS = 256;

/** Routes without a key: the instance types, and the commits, whose token is the credential. */
const PUBLIC_PATHS = /^\/(?:instance-types(?:\/[^/]+)?|cvms\/[^/]+\/commit-(?:update|replica))$/;

/** The attestations of an app are public. Without a key, the app id finds the workspace. */
const ATTESTATIONS = /^\/apps\/(?:app_)?([^/]+)\/attestations$/;

/** Slug of a workspace. */
const SLUG = /^[a-z0-9][a-z0-9-]{0,62}$/;

/** Create the middleware that finds the workspace of the key and the API version of the request. */
export function authenticate(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = findKey(c.req.raw.headers);
    const path = new URL(c.req.url).pathname.slice(BASE_PATH.length);
    c.set("version", parseApiVersion(c.req.header("x-phala-version")));
    if (key !== null) c.set("workspace", world.findWorkspace(findTenant(key, c.req.raw.headers)));
    else if (ATTESTATIONS.test(path)) c.set("workspace", findPublicApp(world, path));
    else if (!PUBLIC_PATHS.test(path)) {
      throw plainError(401, "Invalid authentication credentials", { "www-authenticate": "Bearer" });
    }
    await next();
  };
}

/** @throws ApiError 404 */
function findPublicApp(world: World, path: string): Workspace {
  const appId = bareHex(ATTESTATIONS.exec(path)?.[1] ?? "");
  const found = world.findCvm((cvm) => cvm.appId === appId);
  if (found === null) throw businessError(404, "ERR-03-001", "App not found");
  return found.workspace;
}

/**
 * Return the tenant of a request: its key and, if it selects one with `X-Phala-Workspace`, the workspace.
 *
 * @throws ApiError 400 for a slug that cannot exist
 */
export function findTenant(key: string, headers: Headers): string {
  const slug = headers.get("x-phala-workspace");
  if (slug !== null && !SLUG.test(slug))
    throw plainError(400, "X-Phala-Workspace must be the slug of a workspace.");
  return nameTenant(key, slug);
}

/** Find the key of a request: `X-API-Key` before `Authorization: Bearer`; null without a valid key. */
export function findKey(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const key = headers.get("x-api-key") ?? bearer ?? "";
  return key.startsWith(KEY_PREFIX) && key.length <= MAX_KEY_CHARACTERS ? key : null;
}
