import { parentPort, workerData } from "node:worker_threads";
import { StartupError } from "../src/errors.ts";
import { type SandboxOptions, startSandbox } from "./server.ts";

/** Result of the start of a sandbox in a worker thread: where it listens, or why it cannot start. */
export type WorkerStart = { readonly url: string; readonly origin: string } | { readonly problem: string };

async function start(options: SandboxOptions): Promise<WorkerStart> {
  try {
    const { url, origin } = await startSandbox(options);
    return { url, origin };
  } catch (error) {
    // Only the message of an error passes between threads in full.
    if (error instanceof StartupError) return { problem: error.message };
    if (error instanceof Error && "syscall" in error) return { problem: error.message };
    throw error;
  }
}

parentPort?.postMessage(await start(workerData));
