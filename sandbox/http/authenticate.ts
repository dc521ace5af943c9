import type { MiddlewareHandler } from "hono";
import type { World } from "../world.ts";
import { plainError } from "./api-error.ts";
import { parseApiVersion } from "./api-version.ts";
import type { ApiEnv } from "./context.ts";
import { BASE_PATH } from "./record-request.ts";

/** Every key of the sandbox begins so; the rest names the workspace. */
const KEY_PREFIX = "sandbox-";

/** Longer keys are refused, so that keys cannot fill the memory. */
const MAX_KEY_CHARACTERS = 256;

/** Routes that take no credential: a size list, and the commit whose token is the credential. */
const PUBLIC_PATHS = /^\/(?:instance-types(?:\/[^/]+)?|cvms\/[^/]+\/commit-update)$/;

/** Finds the workspace of the request's key, and its API version. */
export function authenticate(world: World): MiddlewareHandler<ApiEnv> {
  return async (c, next) => {
    const key = findKey(c.req.raw.headers);
    const path = new URL(c.req.url).pathname.slice(BASE_PATH.length);
    c.set("version", parseApiVersion(c.req.header("x-phala-version")));
    if (key !== null) c.set("workspace", world.findWorkspace(key));
    else if (!PUBLIC_PATHS.test(path)) {
      throw plainError(401, "Invalid authentication credentials", { "www-authenticate": "Bearer" });
    }
    await next();
  };
}

/** The key of a request: `X-API-Key` before `Authorization: Bearer`; null when it is none of the sandbox'. */
export function findKey(headers: Headers): string | null {
  const bearer = /^Bearer +(\S+)$/i.exec(headers.get("authorization") ?? "")?.[1];
  const key = headers.get("x-api-key") ?? bearer ?? "";
  return key.startsWith(KEY_PREFIX) && key.length <= MAX_KEY_CHARACTERS ? key : null;
}
