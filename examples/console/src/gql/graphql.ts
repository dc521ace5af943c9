/* eslint-disable */
/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** How often Phala Cloud charges for a CVM. */
export type BillingPeriod =
  /** Every hour. */
  | 'HOURLY'
  /** Every month. */
  | 'MONTHLY'
  /** Period that this API does not know yet. See rawBillingPeriod. */
  | 'OTHER'
  /** The CVM is not billed. */
  | 'SKIP';

/** Prepared change, its registered compose hash and the transaction that registered it. */
export type CommitCvmUpdateInput = {
  /** Compose hash from OnChainHashRequired, 32 bytes. */
  readonly composeHash: string;
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string | number;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | number | null | undefined;
  /** Commit token from OnChainHashRequired. It works once, for 14 days, and until a newer prepareOnly for the same CVM ends it. */
  readonly token: string;
  /** Hash of the transaction that registered the compose hash, 32 bytes. Send "0x" or 32 zero bytes if the hash was registered before: the REST API then checks the app contract only, and the mutation fails with HASH_NOT_ALLOWED if the hash is not there. */
  readonly transactionHash: string;
  /** After the transaction: how long to wait until the REST API sees the transaction and the registered hash, 0 to 60 seconds. The default is 0. The gateway repeats the confirmation only while the answer is TRANSACTION_NOT_VERIFIED or HASH_NOT_ALLOWED, which prove that nothing was applied. It stops if a node in CHAIN_RPC_URLS shows that the transaction has not registered the hash. The time limit of the request can end the wait earlier. */
  readonly waitForTransactionSeconds?: number | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** Changes to the configuration of one CVM. Only the given settings change. Null means the same as leaving a setting out. */
export type ConfigureCvmInput = {
  /** Whether to power the CVM off when the graceful shutdown takes too long. By itself it changes nothing. */
  readonly allowForceStop?: boolean | null | undefined;
  /** Names of the environment variables that the guest accepts. It drops all others without an error. Leave it out when env gives the names. Without env, removing a name loses no value: adding the name again brings the value back. */
  readonly allowedEnvs?: ReadonlyArray<string> | null | undefined;
  /** Disk size in GB. A disk can only grow. */
  readonly diskSizeGb?: number | null | undefined;
  /** Docker Compose file in YAML. Together with the pre-launch script it has at most 200 KiB in UTF-8. */
  readonly dockerComposeFile?: string | null | undefined;
  /** Complete new environment. The mutation fails if a name that the CVM allows now is missing here and not listed in removeKeys. */
  readonly env?: EnvInput | null | undefined;
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string | number;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | number | null | undefined;
  /** OS image: a slug (preferred) or a name from Cvm.availableOsImages. */
  readonly image?: string | null | undefined;
  /** Instance type, for example tdx.medium. It sets the number of vCPUs and the memory, and should win over vcpu and memoryMb: the published clients leave it out when they send numbers. The REST API does not document this, so give either the type or the numbers. */
  readonly instanceType?: string | null | undefined;
  /** Memory in MB. */
  readonly memoryMb?: number | null | undefined;
  /** Script that runs before the containers start. "" removes it. */
  readonly preLaunchScript?: string | null | undefined;
  /** Prepare the change without applying it. The answer is OnChainHashRequired with a commit token, with which commitCvmUpdate applies the change within 14 days. It ends the earlier commit token of this CVM. A repeat with the same idempotencyKey prepares nothing and returns the first token, also after a newer prepare has ended it: prepare again with a new key. Only for a CVM with an on-chain KMS. */
  readonly prepareOnly?: boolean | null | undefined;
  /** Whether anyone can read the container logs. */
  readonly publicLogs?: boolean | null | undefined;
  /** Whether anyone can read system information and statistics. */
  readonly publicSysinfo?: boolean | null | undefined;
  /** Whether anyone can read the measurements of the trusted computing base (TCB). */
  readonly publicTcbinfo?: boolean | null | undefined;
  /** Names of environment variables that the CVM allows now and that the new environment drops on purpose. Any name that the CVM allows now is accepted. */
  readonly removeKeys?: ReadonlyArray<string> | null | undefined;
  /** How long the graceful shutdown before the change may take, 10 to 1200 seconds. By itself it changes nothing. */
  readonly shutdownTimeoutSeconds?: number | null | undefined;
  /** Settings of the guest that are not part of the app-compose, as JSON text. The gateway forwards it unchanged. */
  readonly userConfig?: string | null | undefined;
  /** Number of virtual CPUs. */
  readonly vcpu?: number | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** What a CVM is doing. The REST API can add statuses at any time; they appear here as OTHER. */
export type CvmStatus =
  /** The CVM is being created. */
  | 'CREATING'
  /** The CVM is in an error state. */
  | 'ERROR'
  /** The CVM is off although it should run: it crashed or powered itself off. */
  | 'EXITED'
  /** The CVM could not be created. */
  | 'FAILED'
  /** An operation is running, and the REST API does not say which. */
  | 'IN_PROGRESS'
  /** The CVM's node is under maintenance. */
  | 'MAINTENANCE'
  /** The CVM's node cannot be reached. */
  | 'OFFLINE'
  /** Status that this API does not know yet. See rawStatus. */
  | 'OTHER'
  /** Resources for the CVM are being prepared. */
  | 'PROVISIONING'
  /** The CVM is being deleted. */
  | 'REMOVING'
  /** The CVM is restarting. */
  | 'RESTARTING'
  /** The CVM is running. */
  | 'RUNNING'
  /** The CVM is shutting down gracefully. */
  | 'SHUTTING_DOWN'
  /** The CVM is starting. */
  | 'STARTING'
  /** The CVM is off because it was stopped. */
  | 'STOPPED'
  /** The CVM is being stopped by force. */
  | 'STOPPING'
  /** A configuration change is being applied. */
  | 'UPDATING';

/** Environment variables that the client encrypted to Cvm.envEncryptionKey. The gateway forwards them unchanged and cannot read them. */
export type EncryptedEnvInput = {
  /** Encrypted variables: ephemeral X25519 key (32 bytes), nonce (12), ciphertext and tag (16). */
  readonly encryptedEnv: string;
  /** Names of all encrypted variables. They become the CVM's list of allowed keys. Without them the present list stays, and the guest drops every variable that is not on it. */
  readonly keys?: ReadonlyArray<string> | null | undefined;
};

/** Complete set of environment variables, either encrypted by the client or in plain text. It replaces all variables of the CVM: send every variable, not only those that change. See 'environment' in docs/glossary.md. */
export type EnvInput =
  {   /** Variables that the client encrypted. The gateway never sees a value. */
  readonly encrypted: EncryptedEnvInput; readonly plain?: never; }
  |  { readonly encrypted?: never;   /** Variables in plain text, at most 1024. The gateway checks them against the rules of the guest, encrypts them to the CVM's environment key and keeps no copy. Their names become the CVM's list of allowed keys. An operator can switch this off with ALLOW_PLAINTEXT_ENV. */
  readonly plain: ReadonlyArray<EnvVarInput>; };

/** One environment variable in plain text. */
export type EnvVarInput = {
  /** Name: letters, digits and _, not starting with a digit, at most 255 bytes. */
  readonly key: string;
  /** Value, at most 128 KiB in UTF-8. All names and values together have at most 1 MiB. Never appears in an error or a log line. */
  readonly value: string;
};

/** Kind of a KMS (key management service). */
export type KmsType =
  /** On-chain KMS: a smart contract on Base decides what it releases keys to. */
  | 'BASE'
  /** On-chain KMS: a smart contract on Ethereum decides what it releases keys to. */
  | 'ETHEREUM'
  /** KMS of old CVMs. Changes need no transaction. */
  | 'LEGACY'
  /** Kind that this API does not know yet. See rawType. */
  | 'OTHER'
  /** Phala's own KMS. Changes need no transaction. */
  | 'PHALA';

/** Whether an operation is still running and how it ended. */
export type OperationStatus =
  /** The operation succeeded, and the REST API recorded it. */
  | 'COMPLETED'
  /** The operation failed. See errorMessage. */
  | 'FAILED'
  /** The operation is running. */
  | 'IN_PROGRESS'
  /** No record of the operation was found. For some seconds after a write this is normal: the operation is not visible yet. Otherwise the id is wrong, or the operation is not among the latest 300 of its CVM. This status is not final: a client that goes on following gets another status or, after about a minute, the error NOT_FOUND. */
  | 'UNKNOWN';

/** What a role of this gateway allows. See docs/access.md. */
export type Permission =
  /** Change every setting other than the environment, and provision an app-compose. */
  | 'CONFIGURE'
  /** Confirm and commit changes, and send any transaction hash. */
  | 'CONFIRM'
  /** Replace environment variables and the list of their allowed names. */
  | 'ENVIRONMENT'
  /** Make a dry run with planCvmConfiguration. */
  | 'PLAN'
  /** Start, stop, shut down and restart a CVM. */
  | 'POWER'
  /** Read the CVMs of the workspace, and follow them. */
  | 'READ';

/** How serious a problem is. */
export type PlanSeverity =
  /** The change would be rejected, or the CVM would not start. */
  | 'ERROR'
  /** Likely a mistake, but the change is possible. */
  | 'WARNING';

/** Whether an accepted mutation changes the CVM. */
export type UpdateStatus =
  /** The change is being applied. The CVM restarts. */
  | 'IN_PROGRESS'
  /** The CVM already has this configuration. Nothing restarts. */
  | 'NO_CHANGE';

export type PrepareChangeMutationVariables = Exact<{
  input: ConfigureCvmInput;
}>;


export type PrepareChangeMutation = { readonly configureCvm:
    | { readonly __typename: 'InProgress', readonly status: UpdateStatus, readonly correlationId: string | null }
    | { readonly __typename: 'OnChainHashRequired', readonly composeHash: string, readonly commitToken: string | null, readonly safeTransaction: unknown, readonly transaction: { readonly chainId: number, readonly to: string }, readonly onChainStatus: { readonly composeHashAllowed: boolean | null, readonly deviceIdAllowed: boolean | null, readonly isAllowed: boolean | null } | null }
   | null };

export type CommitChangeMutationVariables = Exact<{
  input: CommitCvmUpdateInput;
}>;


export type CommitChangeMutation = { readonly commitCvmUpdate: { readonly status: UpdateStatus, readonly message: string | null, readonly correlationId: string | null } | null };

export type PlanChangeQueryVariables = Exact<{
  input: ConfigureCvmInput;
}>;


export type PlanChangeQuery = { readonly planCvmConfiguration: { readonly configVersion: string, readonly restarts: boolean, readonly composeHashBefore: string | null, readonly composeHashAfter: string | null, readonly requiresOnChainHash: boolean, readonly hashAlreadyAllowed: boolean | null, readonly envKeysAdded: ReadonlyArray<string>, readonly envKeysRemoved: ReadonlyArray<string>, readonly changes: ReadonlyArray<{ readonly field: string, readonly before: string | null, readonly after: string | null }>, readonly problems: ReadonlyArray<{ readonly severity: PlanSeverity, readonly code: string, readonly message: string, readonly field: string | null, readonly line: number | null, readonly column: number | null }> } };

export type ReadErrorCatalogQueryVariables = Exact<{ [key: string]: never; }>;


export type ReadErrorCatalogQuery = { readonly errorCatalog: ReadonlyArray<{ readonly code: string, readonly cause: string, readonly remedy: string, readonly retryable: boolean }> };

export type ReadConfigurationQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadConfigurationQuery = { readonly cvm: { readonly id: string, readonly appId: string | null, readonly configVersion: string, readonly dockerCompose: string | null, readonly preLaunchScript: string | null, readonly compose: { readonly hash: string | null, readonly allowedEnvs: ReadonlyArray<string> } | null, readonly envEncryptionKey: { readonly publicKey: string, readonly signature: string | null } | null } | null };

export type CvmRowFragment = { readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly resources: { readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly os: { readonly name: string | null, readonly version: string | null } | null, readonly kms: { readonly type: KmsType | null, readonly requiresOnChainHash: boolean } };

export type ListCvmsQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
}>;


export type ListCvmsQuery = { readonly cvms: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly resources: { readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly os: { readonly name: string | null, readonly version: string | null } | null, readonly kms: { readonly type: KmsType | null, readonly requiresOnChainHash: boolean } }> } };

export type WatchRowSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchRowSubscription = { readonly cvmState: { readonly status: CvmStatus, readonly cvm: { readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly resources: { readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly os: { readonly name: string | null, readonly version: string | null } | null, readonly kms: { readonly type: KmsType | null, readonly requiresOnChainHash: boolean } } | null } };

export type CvmDetailsFragment = { readonly appId: string | null, readonly vmUuid: string | null, readonly rawStatus: string, readonly createdAt: string | null, readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly progress: { readonly target: string, readonly startedAt: string | null, readonly correlationId: string | null } | null, readonly resources: { readonly gpuCount: number | null, readonly billingPeriod: BillingPeriod | null, readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly visibility: { readonly publicLogs: boolean, readonly publicSysinfo: boolean, readonly publicTcbinfo: boolean }, readonly kms: { readonly chainId: number | null, readonly appContractAddress: string | null, readonly type: KmsType | null, readonly requiresOnChainHash: boolean }, readonly os: { readonly imageHash: string | null, readonly isDev: boolean | null, readonly name: string | null, readonly version: string | null } | null, readonly node: { readonly name: string | null, readonly region: string | null, readonly deviceId: string | null } | null, readonly endpoints: ReadonlyArray<{ readonly app: string | null, readonly instance: string | null }>, readonly viewerCan: { readonly plan: boolean, readonly configure: boolean, readonly environment: boolean, readonly power: boolean, readonly confirm: boolean } };

export type ReadCvmQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadCvmQuery = { readonly cvm: { readonly appId: string | null, readonly vmUuid: string | null, readonly rawStatus: string, readonly createdAt: string | null, readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly progress: { readonly target: string, readonly startedAt: string | null, readonly correlationId: string | null } | null, readonly resources: { readonly gpuCount: number | null, readonly billingPeriod: BillingPeriod | null, readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly visibility: { readonly publicLogs: boolean, readonly publicSysinfo: boolean, readonly publicTcbinfo: boolean }, readonly kms: { readonly chainId: number | null, readonly appContractAddress: string | null, readonly type: KmsType | null, readonly requiresOnChainHash: boolean }, readonly os: { readonly imageHash: string | null, readonly isDev: boolean | null, readonly name: string | null, readonly version: string | null } | null, readonly node: { readonly name: string | null, readonly region: string | null, readonly deviceId: string | null } | null, readonly endpoints: ReadonlyArray<{ readonly app: string | null, readonly instance: string | null }>, readonly viewerCan: { readonly plan: boolean, readonly configure: boolean, readonly environment: boolean, readonly power: boolean, readonly confirm: boolean } } | null };

export type WatchCvmSubscriptionVariables = Exact<{
  id: string | number;
}>;


export type WatchCvmSubscription = { readonly cvmState: { readonly status: CvmStatus, readonly inProgress: boolean, readonly uptime: string | null, readonly bootProgress: string | null, readonly bootError: string | null, readonly shutdownProgress: string | null, readonly operation: { readonly correlationId: string | null, readonly type: string | null, readonly startedAt: string | null } | null, readonly cvm: { readonly appId: string | null, readonly vmUuid: string | null, readonly rawStatus: string, readonly createdAt: string | null, readonly id: string, readonly name: string, readonly status: CvmStatus, readonly inProgress: boolean, readonly configVersion: string, readonly progress: { readonly target: string, readonly startedAt: string | null, readonly correlationId: string | null } | null, readonly resources: { readonly gpuCount: number | null, readonly billingPeriod: BillingPeriod | null, readonly instanceType: string | null, readonly vcpu: number | null, readonly memoryMb: number | null, readonly diskSizeGb: number | null, readonly hourlyRate: string | null }, readonly visibility: { readonly publicLogs: boolean, readonly publicSysinfo: boolean, readonly publicTcbinfo: boolean }, readonly kms: { readonly chainId: number | null, readonly appContractAddress: string | null, readonly type: KmsType | null, readonly requiresOnChainHash: boolean }, readonly os: { readonly imageHash: string | null, readonly isDev: boolean | null, readonly name: string | null, readonly version: string | null } | null, readonly node: { readonly name: string | null, readonly region: string | null, readonly deviceId: string | null } | null, readonly endpoints: ReadonlyArray<{ readonly app: string | null, readonly instance: string | null }>, readonly viewerCan: { readonly plan: boolean, readonly configure: boolean, readonly environment: boolean, readonly power: boolean, readonly confirm: boolean } } | null } };

export type ReadOnChainQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadOnChainQuery = { readonly cvm: { readonly id: string, readonly onChain: { readonly owner: string | null, readonly chainId: number | null, readonly appContractAddress: string | null, readonly composeHashAllowed: boolean | null, readonly deviceAllowed: boolean | null } | null } | null };

export type FollowOperationSubscriptionVariables = Exact<{
  cvmId: string | number;
  correlationId: string | number;
}>;


export type FollowOperationSubscription = { readonly operation: { readonly id: string, readonly correlationId: string, readonly type: string, readonly status: OperationStatus, readonly step: string | null, readonly percent: number, readonly errorMessage: string | null } };

export type ReadOperationsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;


export type ReadOperationsQuery = { readonly cvm: { readonly id: string, readonly operations: { readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly correlationId: string, readonly type: string, readonly status: OperationStatus, readonly startedAt: string | null, readonly completedAt: string | null, readonly durationMs: number | null, readonly errorMessage: string | null, readonly percent: number, readonly step: string | null }> } | null } | null };

export type ReadRevisionsQueryVariables = Exact<{
  id: string | number;
  first: number;
  after?: string | null | undefined;
}>;


export type ReadRevisionsQuery = { readonly cvm: { readonly id: string, readonly revisions: { readonly totalCount: number, readonly pageInfo: { readonly hasNextPage: boolean, readonly endCursor: string | null }, readonly nodes: ReadonlyArray<{ readonly id: string, readonly composeHash: string | null, readonly operationType: string | null, readonly triggeredBy: string | null, readonly createdAt: string | null, readonly correlationId: string | null }> } | null } | null };

export type ReadOsImagesQueryVariables = Exact<{
  id: string | number;
}>;


export type ReadOsImagesQuery = { readonly cvm: { readonly id: string, readonly availableOsImages: ReadonlyArray<{ readonly version: string, readonly prod: { readonly name: string, readonly slug: string | null, readonly enabled: boolean, readonly isCurrent: boolean, readonly requiresGpu: boolean | null, readonly osImageHash: string | null } | null, readonly dev: { readonly name: string, readonly slug: string | null, readonly enabled: boolean, readonly isCurrent: boolean, readonly requiresGpu: boolean | null, readonly osImageHash: string | null } | null }> | null } | null };

export type OsImageFragment = { readonly name: string, readonly slug: string | null, readonly enabled: boolean, readonly isCurrent: boolean, readonly requiresGpu: boolean | null, readonly osImageHash: string | null };

export type ReadPricesQueryVariables = Exact<{ [key: string]: never; }>;


export type ReadPricesQuery = { readonly cvms: { readonly nodes: ReadonlyArray<{ readonly id: string, readonly resources: { readonly vcpu: number | null, readonly memoryMb: number | null, readonly gpuCount: number | null, readonly hourlyRate: string | null } }> } };

export type ReadViewerQueryVariables = Exact<{ [key: string]: never; }>;


export type ReadViewerQuery = { readonly viewer: { readonly subject: string | null, readonly workspace: string | null, readonly permissions: ReadonlyArray<Permission> } | null };

export const CvmRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}}]} as unknown as DocumentNode<CvmRowFragment, unknown>;
export const CvmDetailsFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmRow"}},{"kind":"Field","name":{"kind":"Name","value":"appId"}},{"kind":"Field","name":{"kind":"Name","value":"vmUuid"}},{"kind":"Field","name":{"kind":"Name","value":"rawStatus"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"target"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"gpuCount"}},{"kind":"Field","name":{"kind":"Name","value":"billingPeriod"}}]}},{"kind":"Field","name":{"kind":"Name","value":"visibility"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicLogs"}},{"kind":"Field","name":{"kind":"Name","value":"publicSysinfo"}},{"kind":"Field","name":{"kind":"Name","value":"publicTcbinfo"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"chainId"}},{"kind":"Field","name":{"kind":"Name","value":"appContractAddress"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"imageHash"}},{"kind":"Field","name":{"kind":"Name","value":"isDev"}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"region"}},{"kind":"Field","name":{"kind":"Name","value":"deviceId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endpoints"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"app"}},{"kind":"Field","name":{"kind":"Name","value":"instance"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewerCan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plan"}},{"kind":"Field","name":{"kind":"Name","value":"configure"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"power"}},{"kind":"Field","name":{"kind":"Name","value":"confirm"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}}]} as unknown as DocumentNode<CvmDetailsFragment, unknown>;
export const OsImageFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OsImage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OsImageVariant"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}},{"kind":"Field","name":{"kind":"Name","value":"isCurrent"}},{"kind":"Field","name":{"kind":"Name","value":"requiresGpu"}},{"kind":"Field","name":{"kind":"Name","value":"osImageHash"}}]}}]} as unknown as DocumentNode<OsImageFragment, unknown>;
export const PrepareChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"PrepareChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfigureCvmInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"configureCvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"__typename"}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"InProgress"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"InlineFragment","typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OnChainHashRequired"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"composeHash"}},{"kind":"Field","name":{"kind":"Name","value":"commitToken"}},{"kind":"Field","name":{"kind":"Name","value":"safeTransaction"}},{"kind":"Field","name":{"kind":"Name","value":"transaction"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"chainId"}},{"kind":"Field","name":{"kind":"Name","value":"to"}}]}},{"kind":"Field","name":{"kind":"Name","value":"onChainStatus"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"composeHashAllowed"}},{"kind":"Field","name":{"kind":"Name","value":"deviceIdAllowed"}},{"kind":"Field","name":{"kind":"Name","value":"isAllowed"}}]}}]}}]}}]}}]} as unknown as DocumentNode<PrepareChangeMutation, PrepareChangeMutationVariables>;
export const CommitChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CommitChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CommitCvmUpdateInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"commitCvmUpdate"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]} as unknown as DocumentNode<CommitChangeMutation, CommitChangeMutationVariables>;
export const PlanChangeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"PlanChange"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ConfigureCvmInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"planCvmConfiguration"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"changes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"before"}},{"kind":"Field","name":{"kind":"Name","value":"after"}}]}},{"kind":"Field","name":{"kind":"Name","value":"restarts"}},{"kind":"Field","name":{"kind":"Name","value":"composeHashBefore"}},{"kind":"Field","name":{"kind":"Name","value":"composeHashAfter"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}},{"kind":"Field","name":{"kind":"Name","value":"hashAlreadyAllowed"}},{"kind":"Field","name":{"kind":"Name","value":"envKeysAdded"}},{"kind":"Field","name":{"kind":"Name","value":"envKeysRemoved"}},{"kind":"Field","name":{"kind":"Name","value":"problems"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"severity"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"field"}},{"kind":"Field","name":{"kind":"Name","value":"line"}},{"kind":"Field","name":{"kind":"Name","value":"column"}}]}}]}}]}}]} as unknown as DocumentNode<PlanChangeQuery, PlanChangeQueryVariables>;
export const ReadErrorCatalogDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadErrorCatalog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"errorCatalog"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"cause"}},{"kind":"Field","name":{"kind":"Name","value":"remedy"}},{"kind":"Field","name":{"kind":"Name","value":"retryable"}}]}}]}}]} as unknown as DocumentNode<ReadErrorCatalogQuery, ReadErrorCatalogQueryVariables>;
export const ReadConfigurationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadConfiguration"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"appId"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"dockerCompose"}},{"kind":"Field","name":{"kind":"Name","value":"preLaunchScript"}},{"kind":"Field","name":{"kind":"Name","value":"compose"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hash"}},{"kind":"Field","name":{"kind":"Name","value":"allowedEnvs"}}]}},{"kind":"Field","name":{"kind":"Name","value":"envEncryptionKey"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicKey"}},{"kind":"Field","name":{"kind":"Name","value":"signature"}}]}}]}}]}}]} as unknown as DocumentNode<ReadConfigurationQuery, ReadConfigurationQueryVariables>;
export const ListCvmsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ListCvms"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}}]} as unknown as DocumentNode<ListCvmsQuery, ListCvmsQueryVariables>;
export const WatchRowDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchRow"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvmState"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"cvm"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}}]} as unknown as DocumentNode<WatchRowSubscription, WatchRowSubscriptionVariables>;
export const ReadCvmDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadCvm"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmDetails"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmRow"}},{"kind":"Field","name":{"kind":"Name","value":"appId"}},{"kind":"Field","name":{"kind":"Name","value":"vmUuid"}},{"kind":"Field","name":{"kind":"Name","value":"rawStatus"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"target"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"gpuCount"}},{"kind":"Field","name":{"kind":"Name","value":"billingPeriod"}}]}},{"kind":"Field","name":{"kind":"Name","value":"visibility"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicLogs"}},{"kind":"Field","name":{"kind":"Name","value":"publicSysinfo"}},{"kind":"Field","name":{"kind":"Name","value":"publicTcbinfo"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"chainId"}},{"kind":"Field","name":{"kind":"Name","value":"appContractAddress"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"imageHash"}},{"kind":"Field","name":{"kind":"Name","value":"isDev"}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"region"}},{"kind":"Field","name":{"kind":"Name","value":"deviceId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endpoints"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"app"}},{"kind":"Field","name":{"kind":"Name","value":"instance"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewerCan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plan"}},{"kind":"Field","name":{"kind":"Name","value":"configure"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"power"}},{"kind":"Field","name":{"kind":"Name","value":"confirm"}}]}}]}}]} as unknown as DocumentNode<ReadCvmQuery, ReadCvmQueryVariables>;
export const WatchCvmDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"WatchCvm"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvmState"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"uptime"}},{"kind":"Field","name":{"kind":"Name","value":"bootProgress"}},{"kind":"Field","name":{"kind":"Name","value":"bootError"}},{"kind":"Field","name":{"kind":"Name","value":"shutdownProgress"}},{"kind":"Field","name":{"kind":"Name","value":"operation"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"correlationId"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}}]}},{"kind":"Field","name":{"kind":"Name","value":"cvm"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmDetails"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"inProgress"}},{"kind":"Field","name":{"kind":"Name","value":"configVersion"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"instanceType"}},{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"diskSizeGb"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"version"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"requiresOnChainHash"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"CvmDetails"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Cvm"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"CvmRow"}},{"kind":"Field","name":{"kind":"Name","value":"appId"}},{"kind":"Field","name":{"kind":"Name","value":"vmUuid"}},{"kind":"Field","name":{"kind":"Name","value":"rawStatus"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"progress"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"target"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"gpuCount"}},{"kind":"Field","name":{"kind":"Name","value":"billingPeriod"}}]}},{"kind":"Field","name":{"kind":"Name","value":"visibility"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"publicLogs"}},{"kind":"Field","name":{"kind":"Name","value":"publicSysinfo"}},{"kind":"Field","name":{"kind":"Name","value":"publicTcbinfo"}}]}},{"kind":"Field","name":{"kind":"Name","value":"kms"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"chainId"}},{"kind":"Field","name":{"kind":"Name","value":"appContractAddress"}}]}},{"kind":"Field","name":{"kind":"Name","value":"os"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"imageHash"}},{"kind":"Field","name":{"kind":"Name","value":"isDev"}}]}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"region"}},{"kind":"Field","name":{"kind":"Name","value":"deviceId"}}]}},{"kind":"Field","name":{"kind":"Name","value":"endpoints"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"app"}},{"kind":"Field","name":{"kind":"Name","value":"instance"}}]}},{"kind":"Field","name":{"kind":"Name","value":"viewerCan"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"plan"}},{"kind":"Field","name":{"kind":"Name","value":"configure"}},{"kind":"Field","name":{"kind":"Name","value":"environment"}},{"kind":"Field","name":{"kind":"Name","value":"power"}},{"kind":"Field","name":{"kind":"Name","value":"confirm"}}]}}]}}]} as unknown as DocumentNode<WatchCvmSubscription, WatchCvmSubscriptionVariables>;
export const ReadOnChainDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadOnChain"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"onChain"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"owner"}},{"kind":"Field","name":{"kind":"Name","value":"chainId"}},{"kind":"Field","name":{"kind":"Name","value":"appContractAddress"}},{"kind":"Field","name":{"kind":"Name","value":"composeHashAllowed"}},{"kind":"Field","name":{"kind":"Name","value":"deviceAllowed"}}]}}]}}]}}]} as unknown as DocumentNode<ReadOnChainQuery, ReadOnChainQueryVariables>;
export const FollowOperationDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"FollowOperation"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"cvmId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"correlationId"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"operation"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"cvmId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"cvmId"}}},{"kind":"Argument","name":{"kind":"Name","value":"correlationId"},"value":{"kind":"Variable","name":{"kind":"Name","value":"correlationId"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"step"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"errorMessage"}}]}}]}}]} as unknown as DocumentNode<FollowOperationSubscription, FollowOperationSubscriptionVariables>;
export const ReadOperationsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadOperations"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"operations"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}},{"kind":"Field","name":{"kind":"Name","value":"type"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"startedAt"}},{"kind":"Field","name":{"kind":"Name","value":"completedAt"}},{"kind":"Field","name":{"kind":"Name","value":"durationMs"}},{"kind":"Field","name":{"kind":"Name","value":"errorMessage"}},{"kind":"Field","name":{"kind":"Name","value":"percent"}},{"kind":"Field","name":{"kind":"Name","value":"step"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ReadOperationsQuery, ReadOperationsQueryVariables>;
export const ReadRevisionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadRevisions"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"revisions"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"composeHash"}},{"kind":"Field","name":{"kind":"Name","value":"operationType"}},{"kind":"Field","name":{"kind":"Name","value":"triggeredBy"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"correlationId"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ReadRevisionsQuery, ReadRevisionsQueryVariables>;
export const ReadOsImagesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadOsImages"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvm"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"availableOsImages"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"version"}},{"kind":"Field","name":{"kind":"Name","value":"prod"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OsImage"}}]}},{"kind":"Field","name":{"kind":"Name","value":"dev"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"OsImage"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"OsImage"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"OsImageVariant"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"slug"}},{"kind":"Field","name":{"kind":"Name","value":"enabled"}},{"kind":"Field","name":{"kind":"Name","value":"isCurrent"}},{"kind":"Field","name":{"kind":"Name","value":"requiresGpu"}},{"kind":"Field","name":{"kind":"Name","value":"osImageHash"}}]}}]} as unknown as DocumentNode<ReadOsImagesQuery, ReadOsImagesQueryVariables>;
export const ReadPricesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadPrices"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cvms"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"100"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"resources"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"vcpu"}},{"kind":"Field","name":{"kind":"Name","value":"memoryMb"}},{"kind":"Field","name":{"kind":"Name","value":"gpuCount"}},{"kind":"Field","name":{"kind":"Name","value":"hourlyRate"}}]}}]}}]}}]}}]} as unknown as DocumentNode<ReadPricesQuery, ReadPricesQueryVariables>;
export const ReadViewerDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"ReadViewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"viewer"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"subject"}},{"kind":"Field","name":{"kind":"Name","value":"workspace"}},{"kind":"Field","name":{"kind":"Name","value":"permissions"}}]}}]}}]} as unknown as DocumentNode<ReadViewerQuery, ReadViewerQueryVariables>;