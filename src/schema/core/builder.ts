import SchemaBuilder from "@pothos/core";
import type { Context } from "../../context.ts";
import "./cost-plugin.ts";

/** What each scalar is inside the gateway and what resolvers may hand out for it. */
type Scalars = {
  ID: { Input: string; Output: string };
  DateTime: { Input: Date; Output: Date };
  EthAddress: { Input: string; Output: string };
  Hex: { Input: string; Output: string };
  JSON: { Input: unknown; Output: unknown };
  SafeInt: { Input: number; Output: number };
  SecretString: { Input: string; Output: string };
};

/** The one builder: every file of this folder declares its types on it. */
export const builder = new SchemaBuilder<{
  Context: Context;
  DefaultFieldNullability: false;
  Scalars: Scalars;
}>({ plugins: ["upstreamCost"], defaultFieldNullability: false });

/** Type parameters of the builder, for helpers that are generic over it. */
export type SchemaTypes = typeof builder.$inferSchemaTypes;

builder.queryType({
  description: "Reads. A field that costs a call of its own is nullable and fails alone.",
});
builder.mutationType({
  description:
    "Writes. Each is sent to the REST API once; a second send is never made on the caller's behalf, but for a confirmation that was refused for its transaction where waitForTransactionSeconds asks for it.",
});
