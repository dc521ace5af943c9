/** The documents that the tests of writes send. */

const UPDATE = `
  __typename
  ... on InProgress { status message correlationId allowedEnvsChanged }
  ... on OnChainHashRequired {
    why: message composeHash appId deviceId
    kms { id slug url version chainId contractAddress gatewayAppId }
    onChainStatus { composeHashAllowed deviceIdAllowed isAllowed }
    commitToken commitUrl apiCommitUrl
    transaction { chainId to data value }
  }`;

function update(name: string): string {
  const input = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${UPDATE} } }`;
}

export const CONFIGURE = update("configureCvm");
export const UPDATE_COMPOSE = update("updateDockerCompose");
export const UPDATE_ENVS = update("updateCvmEnvs");
export const UPDATE_SCRIPT = update("updatePreLaunchScript");
export const UPDATE_RESOURCES = update("updateCvmResources");
export const UPDATE_VISIBILITY = update("updateCvmVisibility");
export const UPDATE_IMAGE = update("updateOsImage");

export const CONFIRM = `mutation ($input: ConfirmCvmPatchInput!) {
  confirmCvmPatch(input: $input) { status correlationId }
}`;
export const PROVISION = `mutation ($input: ProvisionCvmComposeFileUpdateInput!) {
  provisionCvmComposeFileUpdate(input: $input) {
    composeHash appId deviceId composeHashRegistered composeUnchanged
    kms { slug chainId } transaction { chainId to data value }
  }
}`;
export const COMMIT = `mutation ($input: CommitCvmComposeFileUpdateInput!) {
  commitCvmComposeFileUpdate(input: $input) { status correlationId }
}`;

/** The writes among upstream calls: method and path, escaped as on the wire. */
export function listWrites(calls: readonly { readonly method: string; readonly path: string }[]): string[] {
  return calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}
