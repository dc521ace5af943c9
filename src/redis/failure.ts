/** Thrown when a command of Redis has no answer in time. It may have been executed all the same. */
export class RedisTimeoutError extends Error {
  override readonly name = "RedisTimeoutError";
  readonly code = "ETIMEDOUT";
  constructor() {
    super("Redis does not answer in time.");
  }
}

/** Thrown for a server before version 7.0. */
export class RedisTooOldError extends Error {
  override readonly name = "RedisTooOldError";
  /** The version of the server, for the log. */
  readonly code: string;
  constructor(version: string) {
    super("Redis is too old.");
    this.code = `REDIS_${version}`;
  }
}

/** Codes of Node for a certificate that cannot be verified. */
const CERTIFICATE_CODES = /CERT|SELF_SIGNED|UNABLE_TO_VERIFY|ERR_TLS/;

const TOO_OLD = "is too old: Redis 7.0 or later is required";

/** Error replies of Redis by their beginning, and what they say about it. */
const refusals: readonly (readonly [beginning: RegExp, reason: string])[] = [
  [/^WRONGPASS|^ERR AUTH|^ERR invalid password/, "rejects the password of the gateway"],
  [/^NOAUTH/, "requires a password"],
  // The last one is the text of Redis 7.0 for a command of a script.
  [
    /^NOPERM|^ERR .*\bACL failure\b|^ERR The user executing the script can't\b/,
    "does not permit the gateway a command that it needs",
  ],
  [/^ERR (?:invalid DB index|DB index is out of range)/, "does not have the database of the URL"],
  [/^OOM|^ERR .*\bOOM\b/, "is out of memory"],
  [/^READONLY/, "is a read-only replica"],
  [/^NOREPLICAS/, "accepts no writes because too few replicas are connected"],
  [/^MISCONF/, "accepts no writes because it cannot save them"],
  [/^LOADING/, "is still loading its data"],
  [/^CLUSTERDOWN/, "is a cluster in which a master is missing"],
  [/^ERR This instance has cluster support disabled/, "is not a cluster"],
  [/^(?:MOVED|CROSSSLOT)/, "is a cluster: the URL needs redis+cluster://"],
  [/^ERR syntax error|^ERR unknown command/, TOO_OLD],
];

/** List the errors that an error wraps. Some failures of the connection wrap the reply that caused them. */
function listCauses(error: Error): unknown[] {
  return [error.cause, "lastNodeError" in error ? error.lastNodeError : undefined];
}

/**
 * Describe why Redis failed, as the end of a sentence that begins with its name. The text never contains the URL,
 * a password, a key or a value.
 */
export function describeRedisFailure(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  if (error instanceof RedisTimeoutError) return "does not answer in time";
  if (error instanceof RedisTooOldError) return TOO_OLD;
  // Sentinels report the reason of the last attempt at the end of a message.
  const message = error.message.replace(/^.* Last error: /s, "");
  const known = refusals.find(([beginning]) => beginning.test(message));
  if (known !== undefined) return known[1];
  if ("code" in error && CERTIFICATE_CODES.test(String(error.code))) {
    return "has a certificate that the gateway does not trust";
  }
  const cause = listCauses(error).find((candidate) => candidate instanceof Error);
  if (cause !== undefined) return describeRedisFailure(cause);
  return error.name === "ReplyError" ? "refuses a command" : "cannot be reached";
}
