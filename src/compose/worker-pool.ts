import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { composeLimits } from "../limits.ts";
import type { ComposeInspection, ComposeReport } from "./inspect.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

const resourceLimits = { maxOldGenerationSizeMb: composeLimits.workerMemoryMb, maxYoungGenerationSizeMb: 16 };

/** A worker thread that inspects one file at a time. */
type Thread = { readonly worker: Worker; idleTimer?: NodeJS.Timeout };

/** Worker threads that inspect Compose files. */
export type WorkerPool = {
  /**
   * Inspect a file in an idle thread, or in a new one.
   *
   * @returns null if the file exceeds the time or the memory of a thread, which is then ended
   * @throws if no thread can be started
   */
  inspect(inspection: ComposeInspection): Promise<ComposeReport | null>;
  /** End the threads. */
  close(): Promise<void>;
};

/** Interval at which the time of a running file is checked, in milliseconds. */
const CHECK_MS = 100;

/**
 * Call `giveUp` when a thread has used its processor time. A busy machine does not change it, so that it rejects no
 * honest file. @returns a function that stops the check
 */
function limitTime(worker: Worker, giveUp: () => void): () => void {
  const started = performance.now();
  const before = worker.cpuUsage().catch(() => undefined);
  const check = async () => {
    const { user, system } = await worker.cpuUsage(await before);
    const isOver = (user + system) / 1000 > composeLimits.processorMs;
    if (isOver || performance.now() - started > composeLimits.timeoutMs) giveUp();
  };
  const timer = setInterval(() => check().catch(giveUp), CHECK_MS);
  return () => clearInterval(timer);
}

/** Create a pool. It starts a thread when it needs one, and ends a thread that is idle for some time. */
export function createWorkerPool(): WorkerPool {
  const threads = new Set<Thread>();
  const idle: Thread[] = [];
  let isClosed = false;

  /** Start a thread, and wait until it has loaded its code. */
  async function start(): Promise<Thread> {
    const worker = new Worker(WORKER, { resourceLimits });
    const thread: Thread = { worker };
    threads.add(thread);
    worker.once("exit", () => {
      threads.delete(thread);
      if (idle.includes(thread)) idle.splice(idle.indexOf(thread), 1);
    });
    const { promise, resolve, reject } = Promise.withResolvers<Thread>();
    worker.once("message", () => resolve(thread));
    // An error of a later time ends the thread, which is reported as its exit.
    worker.on("error", reject).once("exit", () => reject(new Error("The worker thread ended.")));
    return promise;
  }

  function takeIdle(): Thread | undefined {
    const thread = idle.pop();
    clearTimeout(thread?.idleTimer);
    thread?.worker.ref();
    return thread;
  }

  function keepIdle(thread: Thread): void {
    thread.worker.unref();
    thread.idleTimer = setTimeout(() => void thread.worker.terminate(), composeLimits.idleMs).unref();
    idle.push(thread);
  }

  async function runOn({ worker }: Thread, inspection: ComposeInspection): Promise<ComposeReport | null> {
    const { promise, resolve } = Promise.withResolvers<ComposeReport | null>();
    const giveUp = () => resolve(null);
    worker.once("message", resolve).once("error", giveUp).once("exit", giveUp);
    const stopLimit = limitTime(worker, giveUp);
    worker.postMessage(inspection);
    try {
      return await promise;
    } finally {
      stopLimit();
      worker.off("message", resolve).off("error", giveUp).off("exit", giveUp);
    }
  }

  return {
    async inspect(inspection) {
      const thread = takeIdle() ?? (await start());
      const report = await runOn(thread, inspection);
      if (report === null || isClosed) await thread.worker.terminate();
      else keepIdle(thread);
      return report;
    },
    async close() {
      isClosed = true;
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}
