import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Cvm } from "../cvm/types.ts";
import type { JournalEntry } from "../journal.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { ApiVersion } from "./api-version.ts";

/** Values that the middleware sets for the routes. */
export type ApiEnv = {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    requestId: string;
    entry: JournalEntry;
    /** The whole body. */
    body: Uint8Array;
    version: ApiVersion;
    /** The workspace of the key; not set on the routes without a key. */
    workspace: Workspace;
    /** The CVM that the path names; set below `/cvms/{id}` only. */
    cvm: Cvm;
  };
};

/** Context of a route below the base path. */
export type ApiContext = Context<ApiEnv>;
