import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { YogaServerInstance } from "graphql-yoga";
import type { Context } from "../context.ts";
import type { BreakerReport } from "../upstream/transport/breaker.ts";

/** The GraphQL application: a request listener for `node:http`, and `fetch` for callers in the same process. */
export type App = YogaServerInstance<Record<string, unknown>, Context>;

/** Whether the process stops or will stop soon, and the state of the REST API's breaker. */
export type Readiness = { stopping: boolean; readonly upstream?: () => BreakerReport };

/** Handles the `upgrade` event of `node:http`. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
