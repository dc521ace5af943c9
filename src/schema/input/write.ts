import type { InputFieldBuilder } from "@pothos/core";
import { maxWaitSeconds, OUTCOME_TTL_MS } from "../../limits.ts";
import { builder, type SchemaTypes } from "../core/builder.ts";
import type { Given } from "./given.ts";

type Fields = InputFieldBuilder<SchemaTypes, "InputObject">;

/** Return the input fields that every write has in addition to the change itself. */
export function writeInputFields(t: Fields) {
  return {
    id: t.id({
      required: true,
      description:
        "Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier.",
    }),
    expectedVersion: t.string({
      description:
        "Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing.",
    }),
    idempotencyKey: t.id({
      description: `Makes the mutation safe to repeat. For ${OUTCOME_TTL_MS / 3_600_000} hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation.`,
    }),
    waitIfBusySeconds: t.int({
      description: `How long to wait for another operation on this CVM to end, 0 to ${maxWaitSeconds.busyCvm} seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to ${maxWaitSeconds.lock} seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds.`,
    }),
  };
}

/** What to send instead of the hash of a transaction. */
export const WITHOUT_TRANSACTION =
  'Send "0x" or 32 zero bytes if the hash was registered before: the REST API then checks the app contract only, and the mutation fails with HASH_NOT_ALLOWED if the hash is not there.';

/** Meaning of `waitForTransactionSeconds` on every input that confirms a change. */
const WAIT_FOR_TRANSACTION = `how long to wait until the REST API sees the transaction and the registered hash, 0 to ${maxWaitSeconds.transaction} seconds. The default is 0. The gateway repeats the confirmation only while the answer is TRANSACTION_NOT_VERIFIED or HASH_NOT_ALLOWED, which prove that nothing was applied. It stops if a node in CHAIN_RPC_URLS shows that the transaction has not registered the hash. The time limit of the request can end the wait earlier.`;

/** Return the input fields of a mutation that confirms a change by its registered compose hash. */
export function confirmationFields(t: Fields) {
  return {
    composeHash: t.field({
      type: "Hex",
      required: true,
      description: "Compose hash from OnChainHashRequired, 32 bytes.",
    }),
    waitForTransactionSeconds: t.int({ description: `After the transaction: ${WAIT_FOR_TRANSACTION}` }),
  };
}

/** Return the input fields with which a single-purpose mutation confirms its own earlier answer. */
export function secondPhaseFields(t: Fields) {
  return {
    composeHash: t.field({
      type: "Hex",
      description:
        "Second phase: the compose hash from OnChainHashRequired, 32 bytes. Send it together with transactionHash. See 'phase' in docs/glossary.md.",
    }),
    transactionHash: t.field({
      type: "Hex",
      description: `Second phase: the hash of the transaction that registered the compose hash, 32 bytes. ${WITHOUT_TRANSACTION}`,
    }),
    waitForTransactionSeconds: t.int({ description: `Second phase: ${WAIT_FOR_TRANSACTION}` }),
  };
}

/** `CvmRefInput`: the input of the mutations that need nothing but a CVM. */
export const CvmRefInput = builder.inputType("CvmRefInput", {
  description: "CVM that a mutation acts on.",
  fields: (t) => ({ ...writeInputFields(t) }),
});

/** The parsed input that all writes share. */
export type WriteInput = Given<typeof CvmRefInput.$inferInput>;
