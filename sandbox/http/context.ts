import type { HttpBindings } from "@hono/node-server";
import type { Context } from "hono";
import type { Cvm } from "../cvm/types.ts";
import type { JournalEntry } from "../journal.ts";
import type { Workspace } from "../workspace/workspace.ts";
import type { ApiVersion } from "./api-version.ts";

/** What the middleware leaves for the routes. */
export type ApiEnv = {
  readonly Bindings: HttpBindings;
  readonly Variables: {
    requestId: string;
    entry: JournalEntry;
    /** The body as it came, read whole. */
    body: Uint8Array;
    version: ApiVersion;
    /** Whose key it is; absent on the few routes that take none. */
    workspace: Workspace;
    /** The CVM that the path names; below `/cvms/{id}` only. */
    cvm: Cvm;
  };
};

/** The context of a route below the base path. */
export type ApiContext = Context<ApiEnv>;
