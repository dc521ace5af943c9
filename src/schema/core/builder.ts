import SchemaBuilder from "@pothos/core";
import type { Context } from "../../context.ts";
import "./cost-plugin.ts";
import "./exposed-fields-plugin.ts";

/** Type of each scalar in resolvers: as an argument and as a result. */
type Scalars = {
  ID: { Input: string; Output: string };
  DateTime: { Input: Date; Output: Date | string };
  EthAddress: { Input: string; Output: string };
  Hex: { Input: string; Output: string };
  JSON: { Input: unknown; Output: unknown };
  SafeInt: { Input: number; Output: number };
  SecretString: { Input: string; Output: string };
};

/** Schema builder. Every file of the schema declares its types on it. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: Scalars;
}>({ plugins: ["upstreamCost", "exposedFields"], defaultFieldNullability: false });

/** Type parameters of the builder, for helpers that are generic over it. */
export type SchemaTypes = typeof builder.$inferSchemaTypes;

builder.queryType({
  description:
    "Reads. If a nullable field with upstream calls of its own fails, the other fields are still returned.",
});
builder.mutationType({
  description:
    "Writes. The gateway sends each write to the REST API once. It repeats a write only on request, and only after an answer that proves that nothing was applied: see `waitIfBusySeconds` and `waitForTransactionSeconds`.",
});
