import { z } from "zod";
import type { ChainNode } from "./chain-node.ts";
import type { Chains } from "./chains.ts";

const receipt = z.object({ status: z.enum(["0x0", "0x1"]) });

/** Fetch the status of a transaction. @returns null if the node does not know the transaction */
async function fetchStatus(node: ChainNode, hash: string): Promise<"0x0" | "0x1" | null> {
  const [result] = await node.send([{ method: "eth_getTransactionReceipt", params: [hash] }]);
  return receipt.safeParse(result).data?.status ?? null;
}

/**
 * Whether a transaction was reverted. All configured chains are asked, because a commit token does not name its
 * chain. A transaction that succeeded on one of them does not count as reverted.
 *
 * @param hash - 32 bytes, hex with `0x`
 * @returns false if the transaction is not known on any of the chains
 */
export async function isReverted(chains: Chains, hash: string): Promise<boolean> {
  const statuses = await Promise.all(chains.list().map((node) => fetchStatus(node, hash)));
  return statuses.includes("0x0") && !statuses.includes("0x1");
}
