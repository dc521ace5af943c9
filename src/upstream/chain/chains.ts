import type { Egress } from "../../egress.ts";
import type { Logger } from "../../logger.ts";
import { type ChainNode, createChainNode, openAgent } from "./chain-node.ts";

/** URL of the JSON-RPC API of a node, by chain. */
type ChainUrl = { readonly chainId: number; readonly url: string };

/** The chains that the gateway reads itself: those with a URL in `CHAIN_RPC_URLS`. */
export type Chains = {
  /** @returns null if the chain has no URL */
  find(chainId: number): ChainNode | null;
  list(): readonly ChainNode[];
  close(): Promise<void>;
};

/** Create the clients of the configured chains. @param egress - null without a proxy */
export function createChains(urls: readonly ChainUrl[], egress: Egress | null, log: Logger): Chains {
  const agent = openAgent(egress);
  const nodes = new Map(urls.map(({ chainId, url }) => [chainId, createChainNode(agent, log, chainId, url)]));
  return {
    find: (chainId) => nodes.get(chainId) ?? null,
    list: () => [...nodes.values()],
    close: () => agent.destroy(),
  };
}
