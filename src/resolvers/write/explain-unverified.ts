import type { Context } from "../../context.ts";
import { GatewayError } from "../../errors.ts";
import { findRegistrationFailure, type RegistrationFailure } from "../../upstream/chain/receipt.ts";

type Explanation = { readonly message: string; readonly nextSteps: readonly string[] };

const SEND_AGAIN =
  "Send OnChainHashRequired.transaction unchanged from the contract's owner. Then confirm with the hash of the new transaction.";

const explanations: Readonly<Record<RegistrationFailure, Explanation>> = {
  reverted: {
    message:
      "The transaction was reverted, so it registered nothing. Nothing was applied. Send the transaction again from the contract's owner and wait for its receipt. Then send the same request with the hash of the new transaction.",
    nextSteps: [
      "Look at the reason in the receipt: the sender is not the owner of the app contract, or the gas was too low.",
      SEND_AGAIN,
    ],
  },
  "inner-call-failed": {
    message:
      "The Safe executed the transaction, but the call inside was reverted (ExecutionFailure), so it registered nothing. Nothing was applied. Execute the registration again from the Safe that owns the app contract. Then send the same request with the hash of the new transaction.",
    nextSteps: [
      "Look at the inner call: the Safe is not the owner of the app contract, or its gas (safeTxGas) was too low.",
      "Propose OnChainHashRequired.safeTransaction in the Safe that owns the contract and execute it. Then confirm with the hash of the new transaction.",
    ],
  },
  "other-transaction": {
    message:
      "The transaction succeeded, but it has no ComposeHashAdded event with this compose hash, so it did not register it. Nothing was applied. Send the same request with the hash of the transaction that registered it, or with an empty transactionHash if the contract allows the hash already.",
    nextSteps: [
      "Check that transactionHash is the transaction that executed addComposeHash, not a prerequisite, an approval or the deployment of a contract.",
      `If nothing registered the hash: ${SEND_AGAIN}`,
    ],
  },
};

/** The proof in the input of a second phase, bare hex. Undefined in the first phase. */
type ProofInput = {
  readonly composeHash?: string | undefined;
  readonly transactionHash?: string | undefined;
};

/**
 * Look at the transaction of a confirmation that the REST API cannot verify. Reads the chains in
 * `CHAIN_RPC_URLS`, which costs no upstream call.
 *
 * @returns the error for a transaction that has not registered the compose hash; null if waiting can help
 */
export async function explainUnverified(
  { chains }: Context,
  { composeHash, transactionHash }: ProofInput,
  error: GatewayError,
): Promise<GatewayError | null> {
  const { upstream } = error;
  // Without a status, a check of the gateway refused the device. The transaction is not the reason.
  if (upstream === undefined || composeHash === undefined) return null;
  if (!/^(?!0+$)[0-9a-f]{64}$/.test(transactionHash ?? "")) return null;
  const failure = await findRegistrationFailure(chains, `0x${transactionHash}`, composeHash);
  if (failure === null) return null;
  const { message, nextSteps } = explanations[failure];
  return new GatewayError("TRANSACTION_NOT_VERIFIED", message, {
    retryable: false,
    upstream: { ...upstream, suggestions: nextSteps },
    cause: error,
  });
}
