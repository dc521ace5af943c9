import { type Caller, nameOwner } from "../credential.ts";
import { GatewayError } from "../errors.ts";
import { composeLimits } from "../limits.ts";
import { type ComposeInspection, type ComposeReport, inspectCompose, tooComplex } from "./inspect.ts";
import { createCallerTurns } from "./turns.ts";
import { createWorkerPool } from "./worker-pool.ts";

/** How soon a caller may try again while all workers are busy, in milliseconds. */
const RETRY_MS = 1_000;

/** Inspects Compose files for all requests of a process. */
export type ComposeInspector = {
  /**
   * Inspect a file. A short one is inspected immediately, a longer one in a worker thread with limited time
   * and memory, where callers take turns. A file that exceeds them is reported as `TOO_COMPLEX`.
   *
   * @throws {GatewayError} `RATE_LIMITED` if too many files of this caller, or of all callers, are waiting. Files of
   * callers that the REST API has accepted go before others, and short files before long ones.
   */
  inspect(caller: Caller | null, inspection: ComposeInspection): Promise<ComposeReport>;
  /** End the workers. */
  close(): Promise<void>;
};

/** Create an inspector. @param isAccepted - whether a caller is known to be what it claims to be */
export function createComposeInspector(isAccepted: (caller: Caller) => boolean): ComposeInspector {
  const { workers: places, perCaller, queue: waiting, inlineCharacters, shortCharacters } = composeLimits;
  const turns = createCallerTurns({ places, perCaller, waiting });
  const pool = createWorkerPool();
  return {
    async inspect(caller, inspection) {
      const length = inspection.text.length + (inspection.variables?.script.length ?? 0);
      if (length <= inlineCharacters) return inspectCompose(inspection);
      const owner = caller === null ? "" : nameOwner(caller);
      const known = caller !== null && isAccepted(caller);
      const hasStarted = await turns.enter(owner, (known ? 0 : 2) + (length <= shortCharacters ? 0 : 1));
      if (!hasStarted) throw createBusyError();
      let report: ComposeReport | null = null;
      try {
        report = await pool.inspect(inspection);
      } finally {
        turns.leave(owner, report === null);
      }
      return report ?? { syntax: [tooComplex], content: [] };
    },
    close: pool.close,
  };
}

function createBusyError(): GatewayError {
  const message = "Too many Docker Compose files are being checked. Nothing was sent. Try again later.";
  return new GatewayError("RATE_LIMITED", message, { retryAfterMs: RETRY_MS });
}
