import type { Context } from "../../context.ts";
import { defaultPageSizes } from "../../limits.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type Connection, type ForwardArgs, fetchOffsetConnection } from "./offset-connection.ts";

/** A Relay page of CVMs. */
export type CvmConnection = Connection<Cvm>;

/** Fetch one page of the caller's CVMs. @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`. */
export function listCvmConnection(ctx: Context, args: ForwardArgs): Promise<CvmConnection> {
  return fetchOffsetConnection(args, {
    cursorPrefix: "cvm:",
    defaultFirst: defaultPageSizes.cvms,
    fetchPage: (page, pageSize) => ctx.loaders.cvmPage(page, pageSize),
  });
}
