/** Sent instead of a transaction hash: the REST API then checks the contract only. */
export const ALREADY_REGISTERED = "already-registered";

/** A registered compose hash (bare hex) and the transaction that registered it (hex with `0x`). */
export type HashProof = { readonly composeHash: string; readonly transactionHash: string };

/** Return the headers that confirm a change in its second phase. */
export function toProofHeaders({ composeHash, transactionHash }: HashProof): Record<string, string> {
  return { "x-compose-hash": composeHash, "x-transaction-hash": transactionHash };
}
