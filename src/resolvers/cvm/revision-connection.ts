import type { Context } from "../../context.ts";
import { defaultPageSizes } from "../../limits.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { fetchRevisionPage, type Revision } from "../../upstream/resources/revisions.ts";
import { type Connection, type ForwardArgs, fetchOffsetConnection } from "./offset-connection.ts";

/**
 * Fetch one page of the revisions of a CVM's app, newest first.
 *
 * @returns null for a CVM without an app id
 * @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`.
 */
export async function listRevisionConnection(
  ctx: Context,
  { appId }: Cvm,
  args: ForwardArgs,
): Promise<Connection<Revision> | null> {
  if (appId === null) return null;
  return fetchOffsetConnection(args, {
    cursorPrefix: "rev:",
    defaultFirst: defaultPageSizes.revisions,
    fetchPage: (page, pageSize) => fetchRevisionPage(ctx.upstream, appId, page, pageSize),
  });
}
