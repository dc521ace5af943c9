import type { InputFieldBuilder } from "@pothos/core";
import type { builder } from "./builder.ts";

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
