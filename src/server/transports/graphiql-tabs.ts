/** An example operation of GraphiQL. Lines have at most 50 characters, the width of the editor at 1280 px. */
type Example = { readonly query: string; readonly variables?: Readonly<Record<string, unknown>> };

/**
 * Compose hash of `web-base` with private logs, in the workspace of the key `sandbox-demo`. Its ids are the same after
 * every start, so the tab of the confirmation works without editing.
 */
const SANDBOX_HASH = "abc45a16c93817206bbe2d73183097b3d35ae2adb40af1515a46586b857e3d06";

/** The two outcomes of a change. */
const OUTCOMES = `    __typename
    ... on InProgress {
      status
      correlationId
    }
    ... on OnChainHashRequired {
      composeHash
      transaction { chainId to data value }
    }`;

/**
 * List the example operations, one for each tab.
 *
 * @param onSandbox - whether the examples name CVMs of the sandbox. Otherwise they name a CVM that does not exist, so
 *   that no click changes a real one.
 */
export function listExamples(onSandbox: boolean): readonly Example[] {
  const id = onSandbox ? "web-phala" : "your-cvm";
  const onChainId = onSandbox ? "web-base" : "your-on-chain-cvm";
  return [
    {
      query: `# The CVMs of this workspace.
query ListCvms {
  cvms(first: 20) {
    totalCount
    nodes {
      id
      name
      status
      kms { type requiresOnChainHash }
      state { bootProgress uptime }
    }
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
  }
}
`,
      variables: { id },
    },
    {
      query: `# Dry run: what a change would do.
query Plan($input: ConfigureCvmInput!) {
  planCvmConfiguration(input: $input) {
    changes { field before after }
    restarts
    requiresOnChainHash
    problems { severity message }
  }
}
`,
      variables: { input: { id, vcpu: 4, publicLogs: false, diskSizeGb: 1 } },
    },
    {
      query: `# Several settings with one restart.
# Follow it in the tab Watch.
# A new environment is always a change.
mutation Configure($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
${OUTCOMES}
  }
}
`,
      variables: {
        input: {
          id,
          vcpu: 4,
          memoryMb: 8192,
          env: {
            plain: [
              { key: "DATABASE_URL", value: "postgres://db/app" },
              { key: "API_TOKEN", value: "example" },
            ],
          },
          waitIfBusySeconds: 20,
        },
      },
    },
    {
      query: `# The state now, and each change of it.
# Start the change in Configure first.
subscription Watch($id: ID!) {
  cvmState(id: $id) {
    status
    inProgress
    bootProgress
    uptime
  }
}
`,
      variables: { id },
    },
    {
      query: `# A complete new environment. The gateway
# seals the values to the key of the CVM.
# A name that is missing would be an error,
# unless removeKeys lists it.
mutation Environment($input: UpdateCvmEnvsInput!) {
  updateCvmEnvs(input: $input) {
${OUTCOMES}
    ... on InProgress { allowedEnvsChanged }
  }
}
`,
      variables: {
        input: {
          id: onSandbox ? "web-legacy" : id,
          env: {
            plain: [
              { key: "DATABASE_URL", value: "postgres://db/app" },
              { key: "API_TOKEN", value: "example" },
              { key: "LOG_LEVEL", value: "debug" },
            ],
          },
          waitIfBusySeconds: 20,
        },
      },
    },
    {
      query: `# A change that the contract's owner signs.
# Nothing is applied yet. Send the transaction
# with a wallet, then confirm in the next tab.
# On the sandbox: README, step 4.
mutation OnChain($input: ConfigureCvmInput!) {
  configureCvm(input: $input) {
${OUTCOMES}
  }
}
`,
      variables: { input: { id: onChainId, publicLogs: false } },
    },
    {
      query: `# After the transaction: apply the change.
# Use the composeHash of the tab OnChain, and
# the hash of the transaction. 0x means that
# the compose hash is registered already.
mutation Confirm($input: ConfirmCvmPatchInput!) {
  confirmCvmPatch(input: $input) {
    status
    correlationId
  }
}
`,
      variables: {
        input: {
          id: onChainId,
          composeHash: onSandbox ? SANDBOX_HASH : "0".repeat(64),
          transactionHash: "0x",
        },
      },
    },
  ];
}
