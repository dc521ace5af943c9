import type { Context } from "../../context.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { type Connection, type ForwardArgs, readOffsetConnection } from "./offset-connection.ts";

/** A Relay page of CVMs. */
export type CvmConnection = Connection<Cvm>;

/** Reads one page of the caller's CVMs. @throws {GatewayError} `BAD_USER_INPUT` on `first` or `after`. */
export function listCvmConnection(ctx: Context, args: ForwardArgs): Promise<CvmConnection> {
  return readOffsetConnection(args, {
    cursorPrefix: "cvm:",
    defaultFirst: 30,
    readPage: ctx.loaders.cvmPage,
  });
}
