import { type GraphQLSchema, lexicographicSortSchema, printSchema as printUnsorted } from "graphql";
import { builder } from "./core/builder.ts";
import "./core/error-catalog.ts";
import "./core/scalars.ts";
import "./cvm/cvm.ts";
import "./cvm/cvm-connection.ts";
import "./cvm/cvm-reads.ts";
import "./cvm/on-chain.ts";
import "./change/commit-compose-file.ts";
import "./change/configure-cvm.ts";
import "./change/lifecycle.ts";
import "./change/plan-cvm-configuration.ts";
import "./change/provision-compose-file.ts";
import "./change/update-cvm-envs.ts";
import "./change/update-cvm-resources.ts";
import "./change/update-cvm-visibility.ts";
import "./change/update-docker-compose.ts";
import "./change/update-os-image.ts";
import "./change/update-pre-launch-script.ts";
import "./operation/node.ts";
import "./operation/operation.ts";
import "./operation/operation-connection.ts";
import "./operation/revision-connection.ts";
import "./operation/subscriptions.ts";
import "./viewer/viewer.ts";
import { guardFields } from "./guard-fields.ts";

/** Executable schema, built once. */
export const schema: GraphQLSchema = guardFields(builder.toSchema());

/** Print the schema as it is in `schema.graphql`: sorted, with descriptions. */
export function printSchema(): string {
  return `${printUnsorted(lexicographicSortSchema(schema))}\n`;
}
