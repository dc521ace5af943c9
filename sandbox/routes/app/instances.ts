import type { Cvm } from "../../cvm/types.ts";
import { businessError } from "../../http/api-error.ts";
import type { ApiContext } from "../../http/context.ts";
import { bareHex } from "../../identity.ts";

/**
 * Return the instances (CVMs) of the app that the path names. The app id has any prefix or none.
 *
 * @throws ApiError 404
 */
export function requireInstances(c: ApiContext): readonly [Cvm, ...Cvm[]] {
  const appId = bareHex((c.req.param("app") ?? "").replace(/^app_/, ""));
  const [first, ...others] = c.get("workspace").cvms.filter((cvm) => cvm.appId === appId);
  if (first === undefined) throw businessError(404, "ERR-03-001", "App not found");
  return [first, ...others];
}
