import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import { StartupError } from "../src/errors.ts";
import type { SandboxOptions } from "./server.ts";
import type { WorkerStart } from "./worker.ts";

export { DEFAULT_PORT } from "./default-port.ts";

const WORKER = fileURLToPath(new URL("worker.ts", import.meta.url));

/** A sandbox that runs in a worker thread. */
export type SandboxWorker = AsyncDisposable & {
  /** The base URL of its REST API. */
  readonly url: string;
  /** The base URL of its control endpoints, without `/__sandbox`. */
  readonly origin: string;
};

/** Wait for the result of the start. Rejects when the thread fails. */
async function waitForStart(worker: Worker): Promise<WorkerStart> {
  const { promise, resolve, reject } = Promise.withResolvers<WorkerStart>();
  worker.once("message", resolve).once("error", reject);
  try {
    return await promise;
  } finally {
    worker.off("error", reject);
  }
}

/**
 * Start a sandbox in a worker thread, so that what it computes does not delay the event loop of the process. A
 * failure of the running sandbox is an uncaught exception of the process.
 *
 * @throws {StartupError} when its port is in use, or the node at `chainRpcUrl` does not answer
 */
export async function startSandboxWorker(options: SandboxOptions): Promise<SandboxWorker> {
  const worker = new Worker(WORKER, { workerData: options });
  const started = await waitForStart(worker);
  if ("problem" in started) {
    await worker.terminate();
    throw new StartupError(started.problem);
  }
  worker.on("error", (error) => {
    throw error;
  });
  return {
    url: started.url,
    origin: started.origin,
    async [Symbol.asyncDispose]() {
      await worker.terminate();
    },
  };
}
