/** What `waitForTransactionSeconds` means, on every input of a second phase. */
export const WAIT_DESCRIPTION =
  "How long the gateway may wait for the REST API to see the transaction, 0 to 60 seconds; 0 when left out. It repeats the confirmation while the answer is TRANSACTION_NOT_VERIFIED, which means that nothing was applied, and only then; the request's own time limit ends it earlier.";
