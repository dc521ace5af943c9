import type { InputFieldBuilder } from "@pothos/core";
import type { builder } from "../core/builder.ts";

type SchemaTypes = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer Types> ? Types : never;

/** The fields that every write input has beside the change itself. */
export function writeInputFields(t: InputFieldBuilder<SchemaTypes, "InputObject">) {
  return {
    id: t.id({ required: true, description: "Any identifier of the CVM, as in Query.cvm." }),
    expectedVersion: t.string({
      description:
        "The configVersion that the change was made for. When the configuration has changed since, the answer is VERSION_CONFLICT and nothing is sent. Costs one upstream call.",
    }),
    idempotencyKey: t.id({
      description:
        "Makes the write safe to repeat: for 24 hours a repeat with the same key and input gets the first one's outcome and sends nothing. The Idempotency-Key header does the same for a request with one mutation.",
    }),
    waitIfBusySeconds: t.int({
      description:
        "How long to wait for another operation on this CVM to end, 0 to 120 seconds, instead of OPERATION_IN_PROGRESS at once. Costs one upstream call a second while it waits.",
    }),
  };
}

/** What `waitForTransactionSeconds` means, on every input of a second phase. */
export const WAIT_DESCRIPTION =
  "How long the gateway may wait for the REST API to see the transaction, 0 to 60 seconds; 0 when left out. It repeats the confirmation while the answer is TRANSACTION_NOT_VERIFIED, which means that nothing was applied, and only then; the request's own time limit ends it earlier.";

/** The fields that an input which serves both phases takes in the second. */
export function secondPhaseFields(t: InputFieldBuilder<SchemaTypes, "InputObject">) {
  return {
    composeHash: t.field({
      type: "Hex",
      description: "Second phase: the composeHash of OnChainHashRequired.",
    }),
    transactionHash: t.field({
      type: "Hex",
      description: "Second phase: the hash of the transaction that registered it.",
    }),
    waitForTransactionSeconds: t.int({ description: `Second phase: ${WAIT_DESCRIPTION}` }),
  };
}
