/*
 * All limits of the product. Import the constant wherever prose names a limit, so that text and check agree.
 * A limit that an operator can change is a setting in src/settings/. Those of Redis are in src/redis/limits.ts.
 */

/** The range of a GraphQL `Int`. */
export const MIN_INT = -(2 ** 31);
export const MAX_INT = 2 ** 31 - 1;

/** The largest request body, and the largest WebSocket message, in bytes. */
export const MAX_BODY_BYTES = 1024 * 1024;

/** The largest request body without a credential, in bytes: the longest document and short variables. */
export const MAX_ANONYMOUS_BODY_BYTES = 256 * 1024;

/** The longest malformed JSON in which the place of the error is searched, in characters. */
export const MAX_SEARCHED_JSON_CHARACTERS = 256 * 1024;

/** Limits of one GraphQL document. A fragment counts each time it is spread. */
export const documentLimits = {
  /** Characters of the text. Trusted documents can be longer. */
  characters: 64 * 1024,
  /** Lexical tokens. A string is one token, whatever its length. */
  tokens: 2_000,
  /** Levels of nested fields. GraphQL's own rules limit introspection. */
  depth: 12,
  /** Aliases, and fields that repeat in one selection. `__typename` counts like any other field. */
  aliases: 50,
  /** Directives in the whole document. */
  directives: 50,
  /** Directives on one field, fragment or operation. */
  directivesPerPlace: 5,
  /** Pairs of fields with the same path in the response, which validation compares with each other. */
  comparisons: 10_000,
} as const;

/**
 * The most values that the variables of one operation have together. Each item of a list and each field of an
 * object is a value. The largest useful input has about 8,000.
 */
export const MAX_VARIABLE_VALUES = 10_000;

/** The most items and fields of a request before it is parsed. Variables have fewer. */
export const MAX_REQUEST_VALUES = 25_000;

/** The most validation errors that one answer reports. */
export const MAX_VALIDATION_ERRORS = 10;

/** The most input problems that one error reports. */
export const MAX_FIELD_PROBLEMS = 10;

/** The longest operation name that a log line or an error quotes, in characters. */
export const MAX_LOGGED_NAME_CHARACTERS = 64;

/** The most operation names of a document that an error lists. */
export const MAX_LISTED_OPERATIONS = 10;

/** Limits of the cache of parsed documents, in characters. A longer document is parsed each time. */
export const documentCacheLimits = { total: 8 * 1024 * 1024, perDocument: 32 * 1024 } as const;

/** The most operations that are kept compiled. One takes about 50 kB. */
export const MAX_COMPILED_OPERATIONS = 300;

/** The most selections of a compiled operation. A fragment counts at each spread. A larger one runs uncompiled. */
export const MAX_COMPILED_SELECTIONS = 300;

/** The most CVMs in one `POST /status/batch`. The REST API documents no limit; its pages hold 100. */
export const MAX_STATUS_BATCH = 100;

/** The largest reply of the REST API, in bytes. An attestation with its certificates is under 1 MiB. */
export const MAX_REPLY_BYTES = 8 * 1024 * 1024;

/** The longest error answer of the REST API that is read. It can quote a whole input. */
export const MAX_ERROR_BODY_CHARACTERS = 512 * 1024;

/** The most details, suggestions or links of one REST API error that are passed on. */
export const MAX_UPSTREAM_DETAILS = 20;

/** The longest message of the REST API that is passed on, in characters. */
export const MAX_UPSTREAM_MESSAGE_CHARACTERS = 2_000;

/** The most characters that the messages of one REST API error have together. The rest is truncated. */
export const MAX_UPSTREAM_TEXT_CHARACTERS = 48 * 1024;

/** Limits of one HTTP connection. Times are in milliseconds, sizes in bytes. */
export const httpLimits = {
  /** Time to receive the headers of one request. */
  headersTimeout: 10_000,
  /** Time to receive one whole request: a body of 1 MiB at 35 kB/s. */
  requestTimeout: 30_000,
  /** Longer than the 60 s of common load balancers, which would otherwise reuse a closing connection. */
  keepAliveTimeout: 65_000,
  /** Interval between two checks of the timeouts above. */
  connectionsCheckingInterval: 1_000,
  maxHeaderSize: 16 * 1024,
  maxHeadersCount: 100,
  /** Time until TCP probes a silent peer, so that a half-open connection is found. */
  keepAliveInitialDelay: 30_000,
  /** Time without any data until a connection is closed. Longer than any request; streams send heartbeats. */
  idleTimeout: 300_000,
};

/** Limits of one WebSocket. Times are in milliseconds. */
export const socketLimits = {
  /** Time for the client to send `connection_init`. */
  initTimeoutMs: 3_000,
  /** The longest message that starts no operation, such as `connection_init`. In UTF-16 units. */
  controlCharacters: 64 * 1024,
  /** Time for the client to confirm a close. */
  closeTimeoutMs: 2_000,
  /** Time without an operation until the socket is closed. */
  idleMs: 600_000,
  /** Queries and mutations that run at the same time. While more wait, no further message is read. */
  runningOperations: 100,
} as const;

/** How long the outcome of an idempotency key is kept, in milliseconds: 24 hours. */
export const OUTCOME_TTL_MS = 24 * 3_600_000;

/** Limits of the idempotency keys in the memory of one process. A record is about 2 KiB. */
export const keyLimits = {
  records: 50_000,
  /** Running writes and settled outcomes of one credential. */
  perCredential: 1_000,
} as const;

/** How long the REST API keeps a change under its compose hash, in milliseconds: 14 days. */
export const PROVISION_TTL_MS = 14 * 24 * 3_600_000;

/** The most bytes that the Docker Compose file and the pre-launch script have together, in UTF-8. */
export const MAX_COMPOSE_BYTES = 200 * 1024;

/** The longest idempotency key, in characters. */
export const MAX_IDEMPOTENCY_KEY_CHARACTERS = 255;

/** The longest wait of a write, in seconds. A write waits for the lock of an ended operation without being asked. */
export const maxWaitSeconds = { busyCvm: 120, transaction: 60, lock: 3 } as const;

/** Ranges of settings. Memory in MB, disk in GB, time in seconds. */
export const settingRanges = {
  vcpu: { min: 1, max: 1_024 },
  memoryMb: { min: 1, max: 16 * 1024 * 1024 },
  diskSizeGb: { min: 1, max: 1024 * 1024 },
  shutdownTimeoutSeconds: { min: 10, max: 1_200 },
} as const;

/** The largest `first` of a list, and the largest page of the REST API. */
export const MAX_PAGE_SIZE = 100;

/** The `first` of a list that the client leaves out. */
export const defaultPageSizes = { cvms: 30, operations: 20, revisions: 20 } as const;

/** The most problems that a dry run reports. */
export const MAX_PLAN_PROBLEMS = 100;

/** Limits of the checks of one Docker Compose file. */
export const composeLimits = {
  /** A longer file is parsed in a worker thread, so that it does not delay other requests. In UTF-16 units. */
  inlineCharacters: 4 * 1024,
  /** A file that goes before longer ones of other callers, because it takes milliseconds. In UTF-16 units. */
  shortCharacters: 24 * 1024,
  /** Processor time of one check in a worker, in milliseconds. A dense file of 200 KB takes 200. */
  processorMs: 1_000,
  /** Time of one check in a worker on a busy machine, in milliseconds. */
  timeoutMs: 10_000,
  /** Time without a file until a worker thread is ended, in milliseconds. */
  idleMs: 30_000,
  /** Memory of one worker, in MB. */
  workerMemoryMb: 64,
  /** Worker threads of a process. */
  workers: 2,
  /** Files of one caller that are checked or wait at the same time. */
  perCaller: 4,
  /** Files of all callers that wait for a worker. */
  queue: 32,
  /** Lexemes of the text: indicators, scalars, spaces and line ends. A usual file of 200 KB has 40,000. */
  lexemes: 100_000,
  aliases: 2_000,
  /** Levels of nested lists and mappings. */
  depth: 200,
  /** Nodes that all checks visit together. A node counts each time an alias leads to it. */
  visits: 100_000,
  /** Mappings that one lookup visits. Merge keys can refer to each other many times. */
  mergeSteps: 50,
  services: 200,
  /** Problems that the checks of services or variables report. */
  problems: 100,
  /** Characters of an image name that are looked at. */
  imageCharacters: 512,
} as const;

/** Times of the signing keys of an issuer, in milliseconds. */
export const keySetTimes = {
  /** Age after which the keys are fetched again. The known ones stay in use meanwhile. */
  refreshMs: 10 * 60_000,
  /** Pause after a fetch that failed. */
  retryMs: 1_000,
  /** Age after which keys are no longer used, if they cannot be fetched again: one day. */
  maxAgeMs: 24 * 3_600_000,
  /**
   * Fetches in a row that tokens without a known key may cause, and the time after which there may be one more. It is
   * also the longest wait of a token whose issuer has replaced its keys.
   */
  unknownKeyBurst: 5,
  unknownKeyIntervalMs: 1_000,
} as const;

/** Limits of the audit log. */
export const auditLimits = {
  /** Time of one line to be written, in milliseconds. */
  timeoutMs: 2_000,
  /** Lines that wait until the log can be written again. */
  waitingLines: 1_000,
} as const;
