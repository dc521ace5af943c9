import { z } from "zod";
import { port, timeScale } from "./rules.ts";
import { setting } from "./variables.ts";

/** Settings of the sandbox. */
export const sandboxSettings = z.object({
  port: setting("SANDBOX_PORT", port.default(0), "Port of the sandbox. 0 uses a free port."),
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
