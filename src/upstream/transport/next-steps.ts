import type { ErrorCode } from "../../errors.ts";

/** What a client does next after a refused second phase, for answers of the REST API that do not say it. */
const steps: Partial<Record<ErrorCode, readonly string[]>> = {
  HASH_INVALID_OR_EXPIRED: [
    "Send the change again without hashes: it answers OnChainHashRequired with the hash that is right now.",
    "Register that hash, then confirm with it and with exactly the same change, within seven days.",
  ],
  TRANSACTION_NOT_VERIFIED: [
    "Wait for the transaction's receipt and confirm again with the same hashes; waitForTransactionSeconds lets the gateway do so.",
    "See in the receipt that its status is success and that the app contract (0x and the app id) logged ComposeHashAdded with this compose hash.",
    "Send OnChainHashRequired.transaction from the contract's owner if it reverted or went to another contract or chain.",
  ],
  HASH_NOT_ALLOWED: [
    "Call allowedComposeHashes(bytes32) on the app contract: it has to answer true for this compose hash.",
    "Send OnChainHashRequired.transaction from the contract's owner, then confirm again with its hash.",
  ],
};

/** Lists what to do about a refusal with this code; empty where the catalogue's remedy says it all. */
export function listNextSteps(code: ErrorCode): readonly string[] {
  return steps[code] ?? [];
}
