import { Agent, type Dispatcher } from "undici";
import type { Egress } from "../../egress.ts";
import type { Logger } from "../../logger.ts";
import { untilAborted } from "../transport/until-aborted.ts";
import { ChainNodeError, createSender, type RpcCall } from "./json-rpc.ts";

/** Time of one batch of calls, with its repetition, in milliseconds. */
const TIMEOUT_MS = 3_000;

/** A batch is a read. It is sent once more after a failure. */
const ATTEMPTS = 2;

/** The largest answer to one batch, in bytes. */
const MAX_ANSWER_BYTES = 4 * 1024 * 1024;

/** Node of one chain, which the operator configured. */
export type ChainNode = {
  readonly chainId: number;
  /**
   * Send calls as one JSON-RPC batch, or one by one to a node without batches. Never fails: a result is null if the
   * node does not know it, if it cannot be asked, or if it belongs to another chain.
   *
   * @returns the results in the order of the calls
   */
  send(calls: readonly RpcCall[]): Promise<readonly unknown[]>;
};

/** Send calls, and once more if they fail before the time is over. @throws the last failure */
async function sendWithRetry(send: ReturnType<typeof createSender>, calls: readonly RpcCall[]) {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await untilAborted(send(calls, signal), signal);
    } catch (error) {
      if (attempt === ATTEMPTS || signal.aborted) throw error;
    }
  }
}

/** Open the connections to all nodes of {@link createChainNode}. @param egress - null without a proxy */
export function openAgent(egress: Egress | null): Dispatcher {
  const options = {
    connections: 16,
    allowH2: false,
    maxResponseSize: MAX_ANSWER_BYTES,
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
  };
  return (
    egress?.openAgent(options, { timeoutMs: TIMEOUT_MS }) ??
    new Agent({ ...options, connect: { timeout: TIMEOUT_MS } })
  );
}

/** Create the client of one node. The URL can contain a key, so nothing quotes it. */
export function createChainNode(agent: Dispatcher, log: Logger, chainId: number, address: string): ChainNode {
  const send = createSender(agent, new URL(address));
  const askForChain: RpcCall = { method: "eth_chainId", params: [] };
  return {
    chainId,
    async send(calls) {
      try {
        const results = await sendWithRetry(send, [...calls, askForChain]);
        // On another chain, the same address is another contract.
        if (Number(results.get(calls.length)) !== chainId) throw new ChainNodeError("another chain");
        return calls.map((_call, id) => results.get(id) ?? null);
      } catch (err) {
        log.warn({ err }, `The node of chain ${chainId} in CHAIN_RPC_URLS gave no usable answer.`);
        return calls.map(() => null);
      }
    },
  };
}
