import { type GraphQLSchema, lexicographicSortSchema, printSchema as printUnsorted } from "graphql";
import { builder } from "./builder.ts";
import "./compose-file-update.ts";
import "./configuration-plan.ts";
import "./configure-cvm.ts";
import "./cvm.ts";
import "./cvm-connection.ts";
import "./error-catalog.ts";
import "./lifecycle.ts";
import "./node.ts";
import "./on-chain.ts";
import "./scalars.ts";
import "./update-cvm-envs.ts";
import "./update-settings.ts";
import "./update-text.ts";
import "./operation.ts";
import "./operation-connection.ts";
import "./revision.ts";
import "./scalars.ts";
import "./subscriptions.ts";

/** The executable schema, made once. */
export const schema: GraphQLSchema = builder.toSchema();

/** The schema as `schema.graphql` holds it: sorted, with descriptions. */
export function printSchema(): string {
  return `${printUnsorted(lexicographicSortSchema(schema))}\n`;
}
