import { z } from "zod";
import { optional, port, timeScale } from "./rules.ts";
import { setting } from "./variables.ts";

/** Settings of the sandbox. */
export const sandboxSettings = z.object({
  /** Null for the default port, or a free one. */
  port: setting(
    "SANDBOX_PORT",
    optional(port),
    "Port of the sandbox. 0 uses a free port. The default is 4001, and a free port if 4001 is in use.",
  ),
  timeScale: setting(
    "SANDBOX_TIME_SCALE",
    timeScale.default(1),
    "Speed of the sandbox's clock as a multiple of real time. 0 stops it.",
  ),
  chainRpcUrl: setting(
    "SANDBOX_CHAIN_RPC_URL",
    z.url({ protocol: /^https?$/, error: "must be an http(s) URL" }).optional(),
    "JSON-RPC endpoint of an EVM node, for example http://127.0.0.1:8545 for anvil. The sandbox then reads transactions and app contracts from that node instead of its own chains.",
  ),
});
