import { MAX_COMPOSE_BYTES } from "./limits.ts";

/** Facts about one error code. `docs/errors.md` and `Query.errorCatalog` publish them. */
export type ErrorFacts = {
  /** True when the same request may succeed later without a change. A single error may differ. */
  readonly retryable: boolean;
  /** Why the error happens. */
  readonly cause: string;
  /** What the client does next. */
  readonly remedy: string;
};

type CatalogEntry = ErrorFacts & {
  /** Message of an error that has no more specific one. */
  readonly message: string;
  /** Suggestions for an error of the REST API that has no suggestions of its own. */
  readonly nextSteps?: readonly string[];
};

/** The closed set of codes that the gateway sends in `extensions.code`. */
export const errorCatalog = {
  UNAUTHENTICATED: {
    retryable: false,
    cause:
      "The request has no credential, the REST API does not accept its credential, or the token of a sign-in is not valid or has expired.",
    remedy:
      "Send a valid API key as X-API-Key, or a token as Authorization: Bearer. Where the gateway has a sign-in, sign in again.",
    message: "The REST API does not accept this credential.",
  },
  FORBIDDEN: {
    retryable: false,
    cause:
      "The credential is valid but lacks permission. For example, the CVM is in another workspace, or the roles of the caller lack the permission that the message names.",
    remedy:
      "Use a credential of the workspace that owns the CVM, or ask the operator of the gateway for a role.",
    message: "This credential has no permission for this request.",
  },
  NOT_FOUND: {
    retryable: false,
    cause:
      "The CVM, or a resource that the request names, does not exist for this caller. An operation counts as missing after about a minute without a trace.",
    remedy: "Check the identifier. List the CVMs with Query.cvms.",
    message: "This credential has no access to a resource with this identifier.",
  },
  BAD_USER_INPUT: {
    retryable: false,
    cause: "An argument or variable is missing, has the wrong type, or is outside its limits.",
    remedy:
      "Correct the input, then send the request again. extensions.fields names it where it is known. Otherwise the message says what is wrong.",
    message: "The REST API does not accept this input.",
  },
  AMBIGUOUS_CVM: {
    retryable: false,
    cause: "More than one CVM has this name or app id.",
    remedy: "Use the cvm_… id or the VM UUID.",
    message: "More than one CVM matches this identifier.",
  },
  OPERATION_IN_PROGRESS: {
    retryable: true,
    cause:
      "Another operation holds the lock of the CVM. The REST API releases the lock about a second after the operation has ended; a write waits for that without being asked.",
    remedy: "Wait at least retryAfterMs and until the running operation ends, then send the request again.",
    message: "Another operation on this CVM is in progress.",
  },
  CONFLICT: {
    retryable: false,
    cause: "The change conflicts with existing data. For example, a name is already in use.",
    remedy: "Read the upstream message and change the input.",
    message: "The change conflicts with existing data.",
  },
  VERSION_CONFLICT: {
    retryable: false,
    cause: "The configuration has changed since the version in expectedVersion.",
    remedy: "Read the CVM again, compare it, and send the change with the new configVersion.",
    message: "The configuration has changed since expectedVersion.",
  },
  IDEMPOTENCY_KEY_REUSED: {
    retryable: false,
    cause: "The idempotency key was used before with other input.",
    remedy:
      "Read the operation in extensions.correlationId first: the change may be applied already. Use a new key only for a different change.",
    message: "This idempotency key was used before with other input.",
  },
  HASH_INVALID_OR_EXPIRED: {
    retryable: false,
    cause:
      "The compose hash is unknown to the REST API, belongs to other input, or is older than 14 days. With commitCvmUpdate, a newer prepareOnly for the CVM may have ended the commit token. With commitCvmComposeFileUpdate and env.keys, this gateway may not know the provision.",
    remedy:
      "Send the change again without hashes, and use the hash from its OnChainHashRequired. If the provision is not known, send the same provision again, then commit.",
    message: "The compose hash is unknown, belongs to other input, or has expired.",
    nextSteps: [
      "Send the change again without hashes. It returns OnChainHashRequired with the current hash.",
      "Register that hash. If the app contract allows it already, confirm with an empty transactionHash instead. Within 14 days, confirm with exactly the same change.",
    ],
  },
  TRANSACTION_NOT_VERIFIED: {
    retryable: true,
    cause: "The REST API does not see the transaction yet, or the transaction does not register this hash.",
    remedy:
      "Wait for another confirmation, then confirm again. If the error remains, check the chain and the target of the transaction.",
    message: "The REST API cannot verify the transaction.",
    nextSteps: [
      "Wait for the transaction's receipt, then confirm again with the same hashes. With waitForTransactionSeconds the gateway waits for you.",
      "Check the receipt: its status must be success, and the app contract (0x and the app id) must have logged ComposeHashAdded with this compose hash.",
      "If the transaction reverted or went to another contract or chain, send OnChainHashRequired.transaction from the contract's owner.",
    ],
  },
  HASH_NOT_ALLOWED: {
    retryable: true,
    cause:
      "The app contract does not allow this compose hash, or this device. The registration may not be visible yet.",
    remedy:
      "Wait for the receipt of the transaction, then send the same request again. Do not start again: the change, its hash and its commit token stay valid. If nothing was registered, send the transaction first.",
    message: "The app contract does not allow this compose hash yet. Nothing was applied.",
    nextSteps: [
      "Wait for the transaction's receipt, then send the same request again with the same hashes. Do not start again. With waitForTransactionSeconds the gateway waits for you.",
      "Call allowedComposeHashes(bytes32) on the app contract (0x and the app id). It must return true for this compose hash.",
      "If it returns false, send the transaction that registers the hash from the contract's owner: addComposeHash(bytes32) on the app contract, not on the KMS contract.",
    ],
  },
  INSUFFICIENT_BALANCE: {
    retryable: false,
    cause: "The balance of the workspace is too low for the operation.",
    remedy: "Add credits to the workspace.",
    message: "The balance of the workspace is too low for this operation.",
  },
  RESOURCE_UNAVAILABLE: {
    retryable: false,
    cause:
      "The node cannot provide the requested vCPU, memory, GPU, slots, instance type, quota or OS image.",
    remedy: "Request less, or use another instance type or OS image (Cvm.availableOsImages).",
    message: "The node cannot provide the requested resources.",
  },
  RATE_LIMITED: {
    retryable: true,
    cause:
      "The client sends too many requests or idempotency keys to the gateway, or the gateway too many requests to the REST API.",
    remedy: "Wait for retryAfterMs, then send the request again.",
    message: "The REST API limits the rate of requests. Wait for retryAfterMs.",
  },
  PAYLOAD_TOO_LARGE: {
    retryable: false,
    cause: "The request is larger than the gateway or the REST API accepts.",
    remedy: `Send less. The Docker Compose file and the pre-launch script share a limit of ${MAX_COMPOSE_BYTES / 1024} KiB.`,
    message: "The request is larger than the REST API accepts.",
  },
  KMS_KEY_NOT_TRUSTED: {
    retryable: false,
    cause: "The signature of the environment key is wrong, or no trusted KMS root key has signed for it.",
    remedy: "Do not encrypt secrets with this key. Ask the operator to check TRUSTED_KMS_ROOT_KEYS.",
    message: "No trusted KMS root key has signed this environment key.",
  },
  SIGN_IN_UNAVAILABLE: {
    retryable: true,
    cause:
      "The gateway cannot fetch the signing keys of the issuer of the token, so it cannot verify the token.",
    remedy: "Wait for retryAfterMs, then send the request again with the same token.",
    message: "The gateway cannot reach the issuer of this token to verify it. Nothing was sent.",
  },
  AUDIT_UNAVAILABLE: {
    retryable: true,
    cause: "The gateway cannot write its audit log, so it sends no write. Reads continue.",
    remedy: "Send the request again later. Tell the operator of the gateway.",
    message: "The gateway cannot write its audit log. Nothing was sent.",
  },
  LOCK_UNAVAILABLE: {
    retryable: true,
    cause:
      "The write has an idempotency key or expectedVersion, and the gateway cannot hold the lock of the CVM in Redis. For example, Redis has changed its master within the last seconds. Nothing was applied.",
    remedy: "Wait for retryAfterMs, then send the same request again.",
    message: "The gateway cannot hold the lock of this CVM. Nothing was sent.",
  },
  UPSTREAM_TIMEOUT: {
    retryable: true,
    cause: "The REST API did not answer a read in time.",
    remedy: "Send the request again later.",
    message: "The REST API did not answer in time.",
  },
  UPSTREAM_UNAVAILABLE: {
    retryable: true,
    cause:
      "The gateway cannot reach the REST API or use the store of idempotency keys, or the REST API reports that it or the node is unavailable.",
    remedy: "Send the request again later. After a write, read the CVM first.",
    message: "The REST API is not available.",
  },
  UPSTREAM_MALFORMED: {
    retryable: false,
    cause: "The answer of the REST API does not have its documented form.",
    remedy: "Report it with the request id. After a write, read the CVM first.",
    message: "The answer of the REST API does not have its documented form.",
  },
  UPSTREAM_REFUSED: {
    retryable: false,
    cause: "The REST API refused the request for a reason that has no code of its own here.",
    remedy: "Read the status, error code and suggestions in extensions.upstream.",
    message: "The REST API refused the request. See extensions.upstream for its status.",
  },
  OUTCOME_UNKNOWN: {
    retryable: false,
    cause: "A write was sent, and its answer was lost. The change may have been applied.",
    remedy: "Do not repeat the write yet. First read the progress and the configVersion of the CVM.",
    message: "The answer to this write was lost. The change may have been applied: read the CVM first.",
  },
  CANCELLED: {
    retryable: true,
    cause: "The client disconnected, or the time of the request ended, before anything was changed.",
    remedy: "Send the request again.",
    message: "The request ended before anything was changed.",
  },
  INTERNAL_SERVER_ERROR: {
    retryable: false,
    cause: "The gateway has a bug.",
    remedy: "Report it with the request id.",
    message: "Unexpected error.",
  },
} as const satisfies Record<string, CatalogEntry>;

/** A code of the closed catalogue. */
export type ErrorCode = keyof typeof errorCatalog;
