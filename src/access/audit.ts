import { GatewayError, StartupError } from "../errors.ts";
import { auditLimits } from "../limits.ts";
import type { Logger } from "../logger.ts";
import { writeOutput } from "../output.ts";
import { type AuditSink, createFileSink } from "./audit-sink.ts";

/** Who sent a write: a signed-in caller, or the keyed fingerprint of a credential or a commit token. */
export type AuditCaller =
  | { readonly issuer: string; readonly subject: string }
  | { readonly credential: string }
  | { readonly commitToken: string };

/** One line of the audit log. It names settings and never has a value. */
export type AuditEntry = {
  readonly requestId: string;
  readonly caller: AuditCaller | null;
  readonly workspace: string | null;
  readonly mutation: string;
  /** Null if the REST API does not say which CVM it is. */
  readonly cvmId: string | null;
  readonly settings: readonly string[];
  /** Keyed fingerprint. */
  readonly idempotencyKey: string | null;
  readonly outcome: "accepted" | "refused" | "unknown";
  /** Kind of the result of an accepted write. */
  readonly result: string | null;
  /** Error code of any other write. */
  readonly code: string | null;
  /** Whether this request sent something. A repeat of an idempotency key sends nothing. */
  readonly sent: boolean;
  readonly correlationId: string | null;
};

/** The audit log of a process. */
export type AuditLog = {
  /** Whether lines are written. */
  readonly isOn: boolean;
  /** Assert that writes may be sent. @throws {GatewayError} `AUDIT_UNAVAILABLE` while a line waits to be written */
  assertAvailable(): Promise<void>;
  /** Write a line. Never rejects: a line that cannot be written waits, and writes are refused meanwhile. */
  write(entry: AuditEntry): Promise<void>;
  /** Try once more to write what waits. */
  close(): Promise<void>;
};

/** A line that waits to be written. */
type Line = { readonly text: string };

/** The audit log that is off. */
export const auditOff: AuditLog = {
  isOn: false,
  assertAvailable: async () => undefined,
  write: async () => undefined,
  close: async () => undefined,
};

function withTimeout(work: Promise<void>): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(
    () => reject(new Error("The line was not written in time.")),
    auditLimits.timeoutMs,
  );
  work.then(resolve, reject);
  return promise.finally(() => clearTimeout(timer));
}

/** Create an audit log. */
function createAuditLog(sink: AuditSink, log: Logger): AuditLog {
  let waiting: Line[] = [];
  let hasFailed = false;
  let running: Promise<void> | null = null;
  /** Whether the sink has not ended yet, also after its time. Another write would hold one more thread. */
  let isWriting = false;

  async function send(text: string): Promise<void> {
    if (isWriting) throw new Error("An earlier write has not ended.");
    isWriting = true;
    try {
      await sink(text);
    } finally {
      isWriting = false;
    }
  }

  async function writeWaiting(): Promise<void> {
    const lines = waiting;
    try {
      await withTimeout(send(lines.map(({ text }) => text).join("")));
      waiting = waiting.slice(lines.length);
      if (hasFailed) log.warn("The audit log is written again, so writes are sent again.");
      hasFailed = false;
    } catch (err) {
      if (!hasFailed) log.error({ err }, "The audit log cannot be written. Writes are refused until it can.");
      hasFailed = true;
    }
    running = null;
  }

  /** Write what waits. All callers share one attempt. */
  function flush(): Promise<void> {
    running ??= writeWaiting();
    return running;
  }

  return {
    isOn: true,
    async assertAvailable() {
      if (!hasFailed) return;
      await flush();
      if (hasFailed) throw new GatewayError("AUDIT_UNAVAILABLE");
    },
    async write(entry) {
      // The line of a write that was sent always waits. Refusals must not fill the memory.
      if (!entry.sent && waiting.length >= auditLimits.waitingLines) return;
      const line = {
        text: `${JSON.stringify({ type: "audit", time: new Date().toISOString(), ...entry })}\n`,
      };
      waiting = [...waiting, line];
      // The attempt that runs may have begun without this line.
      do await flush();
      while (waiting.includes(line) && !hasFailed);
    },
    async close() {
      if (waiting.length > 0) await flush();
    },
  };
}

/**
 * Open the audit log.
 *
 * @param target - `stdout`, `off`, or a file
 * @throws {StartupError} if the file cannot be written
 */
export async function openAuditLog(target: string, log: Logger): Promise<AuditLog> {
  if (target === "off") return auditOff;
  if (target === "stdout") return createAuditLog(writeOutput, log);
  const sink = createFileSink(target);
  try {
    await withTimeout(sink(""));
  } catch {
    throw new StartupError("AUDIT_LOG: the file cannot be written.");
  }
  return createAuditLog(sink, log);
}
