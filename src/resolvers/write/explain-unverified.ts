import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import { isReverted } from "../../upstream/chain/receipt.ts";

const REVERTED =
  "The transaction was reverted, so it registered nothing. Nothing was applied. Send the transaction again from the contract's owner and wait for its receipt. Then send the same request with the hash of the new transaction.";

const NEXT_STEPS = [
  "Look at the reason in the receipt: the sender is not the owner of the app contract, or the gas was too low.",
  "Send OnChainHashRequired.transaction unchanged from the contract's owner. Then confirm with the hash of the new transaction.",
];

/**
 * Look at the transaction of a confirmation that the REST API cannot verify. Reads the chains in
 * `CHAIN_RPC_URLS`, which costs no upstream call.
 *
 * @param transactionHash - bare hex; empty, zeros or undefined if there is no transaction
 * @returns the error for a transaction that was reverted; null if waiting can help
 */
export async function explainUnverified(
  { chains }: Context,
  transactionHash: string | undefined,
  error: GatewayError,
): Promise<GatewayError | null> {
  const { upstream } = error;
  // Without a status, a check of the gateway refused the device. The transaction is not the reason.
  if (upstream === undefined || !/^(?!0+$)[0-9a-f]{64}$/.test(transactionHash ?? "")) return null;
  if (!(await isReverted(chains, `0x${transactionHash}`))) return null;
  return new GatewayError("TRANSACTION_NOT_VERIFIED", REVERTED, {
    retryable: false,
    upstream: { ...upstream, suggestions: NEXT_STEPS },
    cause: error,
  });
}
