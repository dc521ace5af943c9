// Made from schema.graphql by `npm run generate:client`. Do not edit.

/** What a CVM is doing. The REST API can add statuses at any time; they appear here as OTHER. */
export type CvmStatus = "CREATING" | "ERROR" | "EXITED" | "FAILED" | "IN_PROGRESS" | "MAINTENANCE" | "OFFLINE" | "OTHER" | "PROVISIONING" | "REMOVING" | "RESTARTING" | "RUNNING" | "SHUTTING_DOWN" | "STARTING" | "STOPPED" | "STOPPING" | "UPDATING";

/** Kind of a KMS (key management service). */
export type KmsType = "BASE" | "ETHEREUM" | "LEGACY" | "OTHER" | "PHALA";

/** Whether an operation is still running and how it ended. */
export type OperationStatus = "COMPLETED" | "FAILED" | "IN_PROGRESS" | "UNKNOWN";

/** How serious a problem is. */
export type PlanSeverity = "ERROR" | "WARNING";

/** Whether an accepted mutation changes the CVM. */
export type UpdateStatus = "IN_PROGRESS" | "NO_CHANGE";

/** Prepared change, its registered compose hash and the transaction that registered it. */
export type CommitCvmUpdateInput = {
  /** Compose hash from OnChainHashRequired, 32 bytes. */
  readonly composeHash: string;
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | null | undefined;
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
  readonly allowedEnvs?: readonly string[] | null | undefined;
  /** Disk size in GB. A disk can only grow. */
  readonly diskSizeGb?: number | null | undefined;
  /** Docker Compose file in YAML. Together with the pre-launch script it has at most 200 KiB in UTF-8. */
  readonly dockerComposeFile?: string | null | undefined;
  /** Complete new environment. The mutation fails if a name that the CVM allows now is missing here and not listed in removeKeys. */
  readonly env?: EnvInput | null | undefined;
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | null | undefined;
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
  readonly removeKeys?: readonly string[] | null | undefined;
  /** How long the graceful shutdown before the change may take, 10 to 1200 seconds. By itself it changes nothing. */
  readonly shutdownTimeoutSeconds?: number | null | undefined;
  /** Settings of the guest that are not part of the app-compose, as JSON text. The gateway forwards it unchanged. */
  readonly userConfig?: string | null | undefined;
  /** Number of virtual CPUs. */
  readonly vcpu?: number | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** Registered compose hash and the transaction that registered it. */
export type ConfirmCvmPatchInput = {
  /** Compose hash from OnChainHashRequired, 32 bytes. */
  readonly composeHash: string;
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | null | undefined;
  /** Hash of the transaction that the wallet sent, 32 bytes. Send "0x" or 32 zero bytes if the hash was registered before: the REST API then checks the app contract only, and the mutation fails with HASH_NOT_ALLOWED if the hash is not there. */
  readonly transactionHash: string;
  /** After the transaction: how long to wait until the REST API sees the transaction and the registered hash, 0 to 60 seconds. The default is 0. The gateway repeats the confirmation only while the answer is TRANSACTION_NOT_VERIFIED or HASH_NOT_ALLOWED, which prove that nothing was applied. It stops if a node in CHAIN_RPC_URLS shows that the transaction has not registered the hash. The time limit of the request can end the wait earlier. */
  readonly waitForTransactionSeconds?: number | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** CVM that a mutation acts on. */
export type CvmRefInput = {
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};

/** Environment variables that the client encrypted to Cvm.envEncryptionKey. The gateway forwards them unchanged and cannot read them. */
export type EncryptedEnvInput = {
  /** Encrypted variables: ephemeral X25519 key (32 bytes), nonce (12), ciphertext and tag (16). */
  readonly encryptedEnv: string;
  /** Names of all encrypted variables. They become the CVM's list of allowed keys. Without them the present list stays, and the guest drops every variable that is not on it. */
  readonly keys?: readonly string[] | null | undefined;
};

/** Complete set of environment variables, either encrypted by the client or in plain text. It replaces all variables of the CVM: send every variable, not only those that change. See 'environment' in docs/glossary.md. */
export type EnvInput =
  | { readonly encrypted: EncryptedEnvInput; readonly plain?: undefined }
  | { readonly encrypted?: undefined; readonly plain: readonly EnvVarInput[] };

/** One environment variable in plain text. */
export type EnvVarInput = {
  /** Name: letters, digits and _, not starting with a digit, at most 255 bytes. */
  readonly key: string;
  /** Value, at most 128 KiB in UTF-8. All names and values together have at most 1 MiB. Never appears in an error or a log line. */
  readonly value: string;
};

/** CVM to restart, and how. */
export type RestartCvmInput = {
  /** Version that the change is based on: the value of Cvm.configVersion. If the configuration has changed since, the mutation fails with VERSION_CONFLICT and sends nothing. */
  readonly expectedVersion?: string | null | undefined;
  /** Power the CVM off instead of shutting it down first. Data that is not yet written to disk is lost. */
  readonly force?: boolean | null | undefined;
  /** Any identifier of the CVM, as for Query.cvm. A cvm_… id saves the call that resolves any other identifier. */
  readonly id: string;
  /** Makes the mutation safe to repeat. For 24 hours, a repeat with the same key and the same input returns the first outcome and sends nothing. See 'idempotency key' in docs/glossary.md. Encrypting an environment again produces other bytes, so store env.encrypted together with the key. The Idempotency-Key header does the same for a request with one mutation. */
  readonly idempotencyKey?: string | null | undefined;
  /** How long to wait for another operation on this CVM to end, 0 to 120 seconds. The default is 0: the mutation fails with OPERATION_IN_PROGRESS. Even then, the gateway waits up to 3 seconds if no operation is running and only the lock of an ended one is left. The gateway looks at the CVM every second at first, then every fifteen seconds. */
  readonly waitIfBusySeconds?: number | null | undefined;
};
