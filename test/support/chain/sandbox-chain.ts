import * as sdk from "@phala/cloud";
import { z } from "zod";
import vector from "../../vectors/on-chain-call.json" with { type: "json" };
import type { TestSandbox } from "../sandbox-client.ts";

const SELECTOR = vector.addComposeHashData.slice(0, 10);

/** Lifetime of a pending change and of a commit token, in milliseconds. */
export const PENDING_MS = 14 * 24 * 3_600_000;

/** A pre-launch script. Setting it changes the compose hash. */
export const SCRIPT = "#!/bin/sh\necho on chain\n";

const rpcAnswer = z.union([
  z.object({ result: z.unknown() }),
  z.object({ error: z.object({ code: z.number(), message: z.string() }) }),
]);

/** Call the chain of the sandbox over JSON-RPC. @returns the result, or the error */
export async function rpc(sandbox: TestSandbox, method: string, params: unknown[], path = "/rpc") {
  const response = await fetch(`${sandbox.origin}/__sandbox${path}`, {
    method: "POST",
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params }),
  });
  const answer = rpcAnswer.parse(await response.json());
  return "result" in answer ? answer.result : answer.error;
}

/** Run the first phase of a change of the script, and return its hash. */
export async function requestHash(sandbox: TestSandbox, id = "web-base", script = SCRIPT) {
  const result = await sdk.patchCvm(sandbox.client, { id, pre_launch_script: script });
  if (!result.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
  return {
    ...result,
    hash: result.composeHash.replace(/^0x/, ""),
    app: `0x${result.appId.replace(/^0x/, "")}`,
  };
}

/** Prepare a change of the script without applying it, and return what its commit needs. */
export async function prepareScript(sandbox: TestSandbox, id = "web-base") {
  const prepared = await sdk.patchCvm(sandbox.client, { id, pre_launch_script: SCRIPT, prepareOnly: true });
  if (!prepared.requiresOnChainHash) throw new Error("The first phase was not answered with 465.");
  return prepared;
}

/** Register a compose hash in the contract of an app. @returns the hash of the transaction */
export async function register(
  sandbox: TestSandbox,
  app: string,
  hash: string,
  extra: object = {},
): Promise<string> {
  const call = { chainId: 8453, to: app, data: SELECTOR + hash, value: "0x0", ...extra };
  return z.string().parse(await rpc(sandbox, "eth_sendTransaction", [call]));
}
