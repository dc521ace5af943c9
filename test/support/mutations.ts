/** The mutations that the tests send, and the dry run. */

/** Write a mutation that has one input, with any selection of its result. */
export function writeMutation(name: string, selection: string): string {
  const plain = ["startCvm", "stopCvm", "shutdownCvm"].includes(name);
  const input = plain ? "CvmRefInput" : `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
  return `mutation ($input: ${input}!) { ${name}(input: $input) { ${selection} } }`;
}

const OUTCOME = `
  __typename
  ... on InProgress { status message correlationId allowedEnvsChanged }
  ... on OnChainHashRequired {
    why: message composeHash appId deviceId
    kms { id slug url version chainId contractAddress gatewayAppId }
    onChainStatus { composeHashAllowed deviceIdAllowed isAllowed }
    commitToken commitUrl apiCommitUrl
    transaction { chainId to data value }
  }`;

/** A write that makes one upstream call, `PATCH /cvms/web`. */
export const WRITE = `mutation { configureCvm(input: { id: "web", vcpu: 2 }) { __typename
  ... on InProgress { status correlationId note: message }
  ... on OnChainHashRequired { composeHash appId kms { chainId contractAddress gatewayAppId } } } }`;

/** Write a mutation without variables that sets the number of vCPUs and selects nothing that costs a call. */
export function setVcpu(id: string, vcpu = 2, settings = ""): string {
  return `mutation { configureCvm(input: { id: "${id}", vcpu: ${vcpu} ${settings} }) { __typename } }`;
}

export const CONFIGURE = writeMutation("configureCvm", OUTCOME);
export const UPDATE_COMPOSE = writeMutation("updateDockerCompose", OUTCOME);
export const UPDATE_ENVS = writeMutation("updateCvmEnvs", OUTCOME);
export const UPDATE_SCRIPT = writeMutation("updatePreLaunchScript", OUTCOME);
export const UPDATE_RESOURCES = writeMutation("updateCvmResources", OUTCOME);
export const UPDATE_VISIBILITY = writeMutation("updateCvmVisibility", OUTCOME);
export const UPDATE_IMAGE = writeMutation("updateOsImage", OUTCOME);

/** `configureCvm` with what a wallet needs beyond the transaction. It costs a second upstream call. */
export const CONFIGURE_FOR_WALLET = writeMutation(
  "configureCvm",
  `${OUTCOME} ... on OnChainHashRequired { safeTransaction prerequisites { chainId to data value } }`,
);

export const CONFIRM = writeMutation("confirmCvmPatch", "status correlationId");
/** The second phase by commit token. */
export const COMMIT_UPDATE = writeMutation("commitCvmUpdate", "status correlationId");

export const PROVISION = writeMutation(
  "provisionCvmComposeFileUpdate",
  `composeHash appId deviceId composeHashRegistered composeUnchanged updateEnvVars safeTransaction
  kms { slug chainId } transaction { chainId to data value } prerequisites { to data }`,
);
/** The second step of a two-step compose file update. */
export const COMMIT = writeMutation("commitCvmComposeFileUpdate", "status correlationId");

/** The dry run of `configureCvm`. */
export const PLAN = `query ($input: ConfigureCvmInput!) {
  planCvmConfiguration(input: $input) {
    changes { field before after } restarts composeHashBefore composeHashAfter requiresOnChainHash
    hashAlreadyAllowed envKeysAdded envKeysRemoved configVersion
    problems { severity code message field line column }
  }
}`;

/** Return the writes among upstream calls: method and path, escaped as on the wire. */
export function listWrites(calls: readonly { readonly method: string; readonly path: string }[]): string[] {
  return calls.filter(({ method }) => method !== "GET").map(({ method, path }) => `${method} ${path}`);
}
