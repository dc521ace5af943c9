import { fileURLToPath } from "node:url";
import { type Pool, pool } from "workerpool";
import { type Credential, nameOwner } from "../credential.ts";
import { GatewayError } from "../errors.ts";
import { composeLimits } from "../limits.ts";
import { type ComposeInspection, type ComposeReport, inspectCompose, tooComplex } from "./inspect.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** How soon a caller may try again while all workers are busy, in milliseconds. */
const RETRY_MS = 1_000;

/** Inspects Compose files for all requests of a process. */
export type ComposeInspector = {
  /**
   * Inspect a file. A short one is inspected immediately, a longer one in a worker thread with limited time
   * and memory. A file that exceeds them is reported as `TOO_COMPLEX`.
   *
   * @throws {GatewayError} `RATE_LIMITED` if too many files of this caller, or of all callers, are waiting
   */
  inspect(caller: Credential | null, inspection: ComposeInspection): Promise<ComposeReport>;
  /** End the workers. */
  close(): Promise<void>;
};

/** Create an inspector. It starts a worker thread only when the first long file arrives. */
export function createComposeInspector(): ComposeInspector {
  let workers: Pool | null = null;
  const running = new Map<string, number>();

  function openPool(): Pool {
    workers ??= pool(WORKER, {
      workerType: "thread",
      maxWorkers: composeLimits.workers,
      maxQueueSize: composeLimits.queue,
      workerThreadOpts: {
        resourceLimits: {
          maxOldGenerationSizeMb: composeLimits.workerMemoryMb,
          maxYoungGenerationSizeMb: 16,
        },
      },
    });
    return workers;
  }

  async function inspectInWorker(inspection: ComposeInspection): Promise<ComposeReport> {
    const queue = openPool();
    if (queue.stats().pendingTasks >= composeLimits.queue) throw createBusyError();
    try {
      const report: ComposeReport = await queue
        .exec("inspectCompose", [inspection])
        .timeout(composeLimits.timeoutMs);
      return report;
    } catch {
      // The worker exceeded its time or memory and was ended. The pool starts another one when needed.
      return { syntax: [tooComplex], content: [] };
    }
  }

  return {
    async inspect(caller, inspection) {
      const length = inspection.text.length + (inspection.variables?.script.length ?? 0);
      if (length <= composeLimits.inlineCharacters) return inspectCompose(inspection);
      const owner = caller === null ? "" : nameOwner(caller);
      const count = (running.get(owner) ?? 0) + 1;
      if (count > composeLimits.perCaller) throw createBusyError();
      running.set(owner, count);
      try {
        return await inspectInWorker(inspection);
      } finally {
        const left = (running.get(owner) ?? 1) - 1;
        if (left === 0) running.delete(owner);
        else running.set(owner, left);
      }
    },
    async close() {
      await workers?.terminate(true);
      workers = null;
    },
  };
}

function createBusyError(): GatewayError {
  const message = "Too many Docker Compose files are being checked. Nothing was sent. Try again later.";
  return new GatewayError("RATE_LIMITED", message, { retryAfterMs: RETRY_MS });
}
