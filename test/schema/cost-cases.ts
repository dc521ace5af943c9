import { writeMutation } from "../support/mutations.ts";
import type { Script } from "../support/upstream/scripted.ts";

/** An operation that resolves one costed field at its worst. */
export type CostCase = {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** Answers of the REST API. The sandbox, if left out. */
  readonly upstream?: Script;
  /** The mutation is sent with `expectedVersion`. Every mutation to the sandbox is. */
  readonly expectsVersion?: true;
  /** The declared cost can be more than what is sent here: not all its cases can occur together. */
  readonly loose?: true;
};

const CVM_ID = "cvm_abcd1234";

const onChainCvm = {
  id: CVM_ID,
  name: "web",
  app_id: "ab".repeat(20),
  vm_uuid: "550e8400e29b41d4a716446655440000",
  status: "running",
  resource: {},
  kms_type: "base",
  kms_info: { chain_id: 8453 },
  compose_hash: "cd".repeat(32),
};

const operationRow = { correlation_id: "op-last", operation_type: "update", status: "in_progress" };

/** History whose pages never end: the wanted operation is on none of them. */
function createEndlessHistory(): Script {
  let pages = 0;
  return ({ path }) => {
    pages += 1;
    if (path.includes("/operations")) {
      return { body: { items: [], next_cursor: `page-${pages}`, total: null } };
    }
    return path.includes("/status/batch") ? { body: [] } : { body: onChainCvm };
  };
}

/** History whose fifth page has the operation of the cursor, and a running one after it. */
function createLongHistory(): Script {
  let pages = 0;
  return ({ path }) => {
    if (!path.includes("/operations")) {
      return path.includes("/status/batch") ? { body: [] } : { body: onChainCvm };
    }
    pages += 1;
    const items = pages < 5 ? [] : [{ ...operationRow, correlation_id: "op-after" }, operationRow];
    return { body: { items, next_cursor: `page-${pages}`, total: null } };
  };
}

/** App contract about which only the list of devices reports. */
const unknownFlags: Script = ({ path }) => {
  if (path.endsWith("/is-allowed")) {
    return { body: { compose_hash_allowed: true, allow_any_device: null, device_id_allowed: null } };
  }
  if (!path.endsWith("/device-allowlist")) return { body: onChainCvm };
  return { body: { is_onchain_kms: true, allow_any_device: false, devices: [] } };
};

/** First phase whose answer names neither the chain nor the app. */
const unnamedChain: Script = ({ method, path }) => {
  if (method === "PATCH") {
    const precondition = {
      compose_hash: "ab".repeat(32),
      device_id: "ef".repeat(32),
    };
    return { status: 465, body: precondition };
  }
  if (!path.endsWith("/is-allowed")) return { body: onChainCvm };
  return { body: { compose_hash_allowed: false, allow_any_device: false, device_id_allowed: false } };
};

function encodeCursor(text: string): string {
  return Buffer.from(text).toString("base64url");
}

function readCvm(selection: string, upstream?: Script): CostCase {
  const query = `{ cvm(id: "${upstream === undefined ? "web-base" : CVM_ID}") { ${selection} } }`;
  return upstream === undefined ? { query } : { query, upstream };
}

function write(name: string, input: object, selection = "__typename"): CostCase {
  return {
    query: writeMutation(name, selection),
    variables: { input: { id: "web-phala", ...input } },
    loose: true,
  };
}

function changePower(name: string): CostCase {
  const query = `mutation ($input: CvmRefInput!) { ${name}(input: $input) { __typename } }`;
  return { query, variables: { input: { id: "web-phala" } }, loose: true };
}

function requireHash(selection: string): CostCase {
  const query = writeMutation("configureCvm", `... on OnChainHashRequired { ${selection} }`);
  return { query, variables: { input: { id: CVM_ID, vcpu: 2 } }, upstream: unnamedChain, loose: true };
}

const OPERATION_ID = `op_${encodeCursor(`${CVM_ID}:gone`)}`;
const env = { plain: ["DATABASE_URL", "API_TOKEN"].map((key) => ({ key, value: key })) };
const YAML = "services:\n  app:\n    image: nginx:1.27\n";
const PROVISION = { id: "web-base", appCompose: { dockerComposeFile: YAML } };
const HASHES = { composeHash: "ab".repeat(32), transactionHash: "cd".repeat(32) };

/** One case for each field that declares a cost. */
export const costCases: Readonly<Record<string, CostCase>> = {
  "Query.cvm": readCvm("id"),
  "Query.cvms": { query: `{ cvms(first: 60, after: "${encodeCursor("cvm:49")}") { totalCount } }` },
  "Query.errorCatalog": { query: "{ errorCatalog { code } }" },
  "Query.viewer": { query: "{ viewer { permissions } }" },
  "Query.node": { query: `{ node(id: "${OPERATION_ID}") { id } }`, upstream: createEndlessHistory() },
  "Query.nodes": {
    query: "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }",
    variables: {
      ids: [...Array.from({ length: 50 }, (_, i) => `op_${encodeCursor(`cvm_${i}:gone`)}`), "cvm_50"],
    },
    upstream: createEndlessHistory(),
    loose: true,
  },
  "Query.operation": {
    query: `{ operation(cvmId: "${CVM_ID}", correlationId: "gone") { status } }`,
    upstream: createEndlessHistory(),
  },
  "Query.planCvmConfiguration": {
    query: "query ($input: ConfigureCvmInput!) { planCvmConfiguration(input: $input) { restarts } }",
    variables: {
      input: { id: "web-base", dockerComposeFile: YAML, env, diskSizeGb: 60, image: "dstack-0.5.6" },
    },
    loose: true,
  },
  "Cvm.dockerCompose": readCvm("dockerCompose"),
  "Cvm.preLaunchScript": readCvm("preLaunchScript"),
  "Cvm.compose": readCvm("compose { hash }"),
  "Cvm.availableOsImages": readCvm("availableOsImages { version }"),
  "Cvm.envEncryptionKey": readCvm("envEncryptionKey { publicKey }"),
  "Cvm.state": readCvm("state { status }"),
  "Cvm.stats": readCvm("stats { isOnline }"),
  "Cvm.network": readCvm("network { isOnline }"),
  "Cvm.containers": readCvm("containers { id }"),
  "Cvm.attestation": readCvm("attestation { isOnline }"),
  "Cvm.userConfig": readCvm("userConfig { hostname }"),
  "Cvm.onChain": readCvm("onChain { chainId owner }"),
  "Cvm.revisions": readCvm(`revisions(first: 60, after: "${encodeCursor("rev:49")}") { totalCount }`),
  "Cvm.operations": readCvm(
    `operations(first: 1, after: "${encodeCursor('ops:[null,"op-after"]')}") { nodes { status } }`,
    createLongHistory(),
  ),
  "CvmOnChain.allowAnyDevice": readCvm("onChain { allowAnyDevice deviceAllowed }", unknownFlags),
  "CvmOnChain.composeHashAllowed": readCvm("onChain { composeHashAllowed }", unknownFlags),
  "CvmOnChain.deviceAllowed": readCvm(
    "onChain { composeHashAllowed allowAnyDevice deviceAllowed }",
    unknownFlags,
  ),
  "Operation.cvm": {
    query: `{ operation(cvmId: "web", correlationId: "gone") { cvm { id } } }`,
    upstream: createEndlessHistory(),
  },
  "InProgress.correlationId": write(
    "updateCvmVisibility",
    { publicLogs: false, publicSysinfo: false },
    "... on InProgress { correlationId }",
  ),
  "InProgress.operation": write(
    "updateCvmVisibility",
    { publicLogs: false, publicSysinfo: false },
    "... on InProgress { correlationId operation { status } cvm { id } }",
  ),
  "InProgress.cvm": write("configureCvm", { vcpu: 2 }, "... on InProgress { cvm { id } }"),
  "OnChainHashRequired.appId": requireHash("appId"),
  "OnChainHashRequired.transaction": requireHash("transaction { chainId }"),
  "OnChainHashRequired.matchesPredictedHash": requireHash("matchesPredictedHash"),
  "OnChainHashRequired.prerequisites": requireHash("prerequisites { chainId }"),
  "OnChainHashRequired.safeTransaction": requireHash("safeTransaction"),
  "OnChainHashRequired.cvm": requireHash("cvm { id }"),
  "ComposeFileProvision.transaction": write(
    "provisionCvmComposeFileUpdate",
    PROVISION,
    "transaction { chainId }",
  ),
  "ComposeFileProvision.prerequisites": write(
    "provisionCvmComposeFileUpdate",
    PROVISION,
    "prerequisites { chainId } transaction { chainId }",
  ),
  "ComposeFileProvision.safeTransaction": write(
    "provisionCvmComposeFileUpdate",
    PROVISION,
    "prerequisites { chainId } transaction { chainId } safeTransaction",
  ),
  "Mutation.configureCvm": write("configureCvm", {
    id: "web-base",
    env,
    diskSizeGb: 60,
    image: "dstack-0.5.6",
    prepareOnly: true,
  }),
  "Mutation.confirmCvmPatch": write("confirmCvmPatch", { id: "web-base", ...HASHES }),
  "Mutation.commitCvmUpdate": write("commitCvmUpdate", { id: "web-base", token: "t", ...HASHES }),
  "Mutation.updateCvmEnvs": write("updateCvmEnvs", { id: "web-base", env }),
  "Mutation.updateCvmResources": write("updateCvmResources", { diskSizeGb: 60 }),
  "Mutation.updateCvmVisibility": write("updateCvmVisibility", { publicLogs: false, publicSysinfo: false }),
  "Mutation.updateOsImage": write("updateOsImage", { osImageName: "dstack-0.5.6" }),
  "Mutation.updateDockerCompose": write("updateDockerCompose", {
    id: "web-base",
    dockerComposeFile: YAML,
    ...HASHES,
  }),
  "Mutation.updatePreLaunchScript": write("updatePreLaunchScript", {
    id: "web-base",
    preLaunchScript: "#!/bin/sh\n",
    ...HASHES,
  }),
  "Mutation.provisionCvmComposeFileUpdate": write("provisionCvmComposeFileUpdate", PROVISION),
  "Mutation.commitCvmComposeFileUpdate": write("commitCvmComposeFileUpdate", {
    id: "web-base",
    composeHash: "ab".repeat(32),
  }),
  "Mutation.startCvm": changePower("startCvm"),
  "Mutation.stopCvm": changePower("stopCvm"),
  "Mutation.shutdownCvm": changePower("shutdownCvm"),
  "Mutation.restartCvm": write("restartCvm", {}),
};

/** REST API whose CVM is idle when it is read, and busy when a write arrives. */
const alwaysBusy: Script = ({ method }) =>
  method === "GET"
    ? { body: onChainCvm }
    : { status: 409, body: { detail: "Another operation is running." } };

/** REST API that never sees the transaction. */
const neverVerified: Script = ({ method }) =>
  method === "GET" ? { body: onChainCvm } : { status: 467, body: { detail: "Transaction not found." } };

/** Mutations that wait, and repeat their calls while they do. */
export const waitingCases: Readonly<Record<string, CostCase>> = {
  "a lock that is never released": {
    query: writeMutation("configureCvm", "__typename"),
    variables: { input: { id: CVM_ID, diskSizeGb: 60 } },
    upstream: alwaysBusy,
    expectsVersion: true,
  },
  "a CVM that stays busy": {
    query: writeMutation("configureCvm", "__typename"),
    variables: { input: { id: CVM_ID, vcpu: 2, waitIfBusySeconds: 2 } },
    upstream: alwaysBusy,
    loose: true,
  },
  "a transaction that stays invisible": {
    query: writeMutation("confirmCvmPatch", "__typename"),
    variables: { input: { id: CVM_ID, ...HASHES, waitForTransactionSeconds: 1 } },
    upstream: neverVerified,
    loose: true,
  },
};
