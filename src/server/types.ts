import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { BreakerReport } from "../upstream/transport/breaker.ts";

/** Whether the process stops or will stop soon, and the state of the REST API's breaker. */
export type Readiness = { stopping: boolean; readonly upstream?: () => BreakerReport };

/** Handles the `upgrade` event of `node:http`. */
export type UpgradeListener = (
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
) => void | Promise<void>;
