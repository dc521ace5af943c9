import { setPriority } from "node:os";
import { parentPort } from "node:worker_threads";
import { inspectCompose } from "./inspect.ts";

// The parser reads a variable of the environment for each token, which is slow with the real environment.
Object.defineProperty(process, "env", { value: {} });

/** On Linux, a priority can be that of one thread. The thread that answers requests goes first. */
const PRIORITY = 5;
if (process.platform === "linux") setPriority(PRIORITY);

parentPort?.on("message", (inspection) => parentPort?.postMessage(inspectCompose(inspection)));
parentPort?.postMessage("ready");
