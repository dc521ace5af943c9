import type { GraphiQLOptions } from "graphql-yoga";

const OPERATIONS = [
  {
    query: `# The CVMs of this workspace with their live state.
query ListCvms {
  cvms(first: 20) {
    totalCount
    nodes { id name status kms { type requiresOnChainHash } state { bootProgress uptime } }
  }
}
`,
  },
  {
    query: `# One CVM by its id, UUID, app id or name.
query ReadCvm($id: ID!) {
  cvm(id: $id) {
    id
    name
    status
    inProgress
    resources { vcpu memoryMb diskSizeGb }
    dockerCompose
    compose { hash allowedEnvs }
    availableOsImages { version prod { slug isCurrent enabled } }
  }
}
`,
    variables: JSON.stringify({ id: "web-phala" }, null, 2),
  },
  {
    query: `# Several changes with one restart.
mutation Configure($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
    __typename
    ... on InProgress { status correlationId cvm { status progress { target } } }
    ... on OnChainHashRequired { composeHash transaction { chainId to data value } }
  }
}
`,
    variables: JSON.stringify({ input: { id: "web-phala", vcpu: 4, memoryMb: 8192 } }, null, 2),
  },
] as const;

/** Create the options of GraphiQL: example operations in tabs, and an API key in the headers. */
export function createGraphiqlOptions(exampleKey: string | null): GraphiQLOptions {
  const headers = JSON.stringify({ "X-API-Key": exampleKey ?? "your key" }, null, 2);
  return {
    title: "cvm-gateway",
    defaultTabs: OPERATIONS.map((operation) => ({ ...operation, headers })),
    defaultHeaders: headers,
    defaultEditorToolsVisibility: "headers",
    shouldPersistHeaders: false,
  };
}
