import { defineConfig } from "@graphql-mesh/compose-cli";
import { loadOpenAPISubgraph } from "@omnigraph/openapi";

/** Field of Cvm that a REST call of its own answers. */
const field = (name: string, type: string, operation: string) => `
  extend type Cvm {
    ${name}: ${type}
      @resolveTo(
        sourceName: "REST"
        sourceTypeName: "Query"
        sourceFieldName: "${operation}"
        requiredSelectionSet: "{ id }"
        sourceArgs: { id: "{root.id}" }
      )
  }`;

/** Composition of Hive Gateway: the OpenAPI document, and fields that join its operations. */
export const composeConfig = defineConfig({
  subgraphs: [
    {
      sourceHandler: loadOpenAPISubgraph("REST", {
        source: new URL("openapi.json", import.meta.url).pathname,
        endpoint: "{env.UPSTREAM_URL}",
        operationHeaders: { "x-api-key": "{context.headers['x-api-key']}" },
      }),
    },
  ],
  additionalTypeDefs: [
    field("compose", "Compose", "cvmCompose"),
    field("network", "Network", "cvmNetwork"),
    field("stats", "Stats", "cvmStats"),
    field("state", "State", "cvmState"),
  ].join("\n"),
});
