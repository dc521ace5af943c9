import { type DestinationStream, type Logger, pino } from "pino";
import { openLineOutput } from "./output.ts";

export type { Logger } from "pino";

/** Keys that a log line may have in addition to those of pino. Other keys are not written. */
const ALLOWED_KEYS = new Set([
  "requestId",
  "operationName",
  "operationType",
  "method",
  "path",
  "status",
  "durationMs",
  "attempt",
  "waitMs",
  "code",
  "codes",
  "upstreamRequestId",
  "url",
  "signal",
  "count",
  "lockToken",
  "err",
]);

/**
 * Describe an error without its message. A message can quote input, for example that of `JSON.parse`. A stack
 * frame cannot.
 */
function serializeError(error: unknown): unknown {
  if (!(error instanceof Error)) return { type: typeof error };
  const frames = error.stack?.split("\n").filter((line) => line.startsWith("    at ")) ?? [];
  const code = "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return { type: error.name, ...code, frames: frames.slice(0, 12) };
}

function keepAllowedKeys(record: Record<string, unknown>): Record<string, unknown> {
  let allowed = true;
  for (const key in record) allowed &&= ALLOWED_KEYS.has(key);
  if (allowed) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => ALLOWED_KEYS.has(key)));
}

/** Lines are written together when they have this many characters, and otherwise in this interval in milliseconds. */
const BUFFER_CHARACTERS = 65_536;
const FLUSH_MS = 100;

/**
 * Open the standard output. Lines are collected, because writing each of them delays the requests. A fatal line and
 * the end of the process write what is left. The outputs of pino are not used: on a disk without space, they end the
 * process, and repeat the last write forever.
 */
function openOutput(): DestinationStream {
  const output = openLineOutput(BUFFER_CHARACTERS);
  setInterval(() => void output.flush(), FLUSH_MS).unref();
  process.once("beforeExit", () => void output.flush());
  process.once("exit", () => output.flushSync());
  return output;
}

/** Create the function that formats the time of a line. Lines of one millisecond share their text. */
function createTimestamp(): () => string {
  let last = 0;
  let text = "";
  return () => {
    const now = Date.now();
    if (now !== last) text = `,"time":"${new Date(now).toISOString()}"`;
    last = now;
    return text;
  };
}

/**
 * Create the logger of the process. It writes JSON lines with a fixed set of keys, so that no variable, body or
 * credential is logged by accident.
 */
export function createLogger(level: string, destination?: DestinationStream): Logger {
  const options = {
    level,
    base: null,
    serializers: { err: serializeError },
    formatters: { log: keepAllowedKeys },
    timestamp: createTimestamp(),
  };
  return pino(options, destination ?? openOutput());
}
