/**
 * What a person of this console does about an error, by its code. The catalogue of the gateway is for developers: its
 * words count for every other code.
 */
export const REMEDIES: Readonly<Record<string, string>> = {
  AMBIGUOUS_CVM: "Open the CVM from the list.",
  BAD_USER_INPUT: "Correct the setting that is named, and review the change again.",
  BAD_SIGNATURE_RESULT: "The wallet did not return the hash of a transaction. Apply the change again.",
  HASH_INVALID_OR_EXPIRED:
    "Prepare the change again. If its hash is registered already, commit it without a transaction.",
  INVALID_RESPONSE: "Something between this page and the gateway answered. Try again later.",
  NETWORK_ERROR: "Check the connection. Nothing is sent twice: go on when the gateway is in reach again.",
  NOT_APPLIED: "The CVM shows that nothing was applied. Apply the change again.",
  NOT_FOUND: "It may have been deleted, or it is in another workspace. Look at the list.",
  OPERATION_FAILED: "Read the reason, correct the configuration, and apply another change.",
  RESOURCE_UNAVAILABLE: "Ask for less, or choose another OS image.",
  UPSTREAM_MALFORMED: "Tell the operator of the gateway, with the id of the request.",
  UPSTREAM_REFUSED: "Tell the operator of the gateway, with the id of the request.",
};
