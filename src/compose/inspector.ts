import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { BulkheadRejectedError, bulkhead } from "cockatiel";
import { type Credential, nameOwner } from "../credential.ts";
import { GatewayError } from "../errors.ts";
import { composeLimits } from "../limits.ts";
import { type ComposeInspection, type ComposeReport, inspectCompose, tooComplex } from "./inspect.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

const resourceLimits = { maxOldGenerationSizeMb: composeLimits.workerMemoryMb, maxYoungGenerationSizeMb: 16 };

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

/** Create an inspector. Each long file gets a worker thread of its own, which ends with it. */
export function createComposeInspector(): ComposeInspector {
  const turns = bulkhead(composeLimits.workers, composeLimits.queue);
  const workers = new Set<Worker>();
  const running = new Map<string, number>();

  /** Inspect a file in a new worker. A worker that exceeds its time or memory is ended. */
  async function inspectInWorker(inspection: ComposeInspection): Promise<ComposeReport> {
    const { promise, resolve } = Promise.withResolvers<ComposeReport>();
    const giveUp = () => resolve({ syntax: [tooComplex], content: [] });
    const worker = new Worker(WORKER, { workerData: inspection, resourceLimits });
    workers.add(worker);
    worker.once("message", resolve).once("error", giveUp).once("exit", giveUp);
    const timer = setTimeout(giveUp, composeLimits.timeoutMs);
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      workers.delete(worker);
      await worker.terminate();
    }
  }

  async function waitForWorker(inspection: ComposeInspection): Promise<ComposeReport> {
    try {
      return await turns.execute(() => inspectInWorker(inspection));
    } catch (error) {
      throw error instanceof BulkheadRejectedError ? createBusyError() : error;
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
        return await waitForWorker(inspection);
      } finally {
        const left = (running.get(owner) ?? 1) - 1;
        if (left === 0) running.delete(owner);
        else running.set(owner, left);
      }
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.terminate()));
    },
  };
}

function createBusyError(): GatewayError {
  const message = "Too many Docker Compose files are being checked. Nothing was sent. Try again later.";
  return new GatewayError("RATE_LIMITED", message, { retryAfterMs: RETRY_MS });
}
