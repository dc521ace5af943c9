import { parentPort, workerData } from "node:worker_threads";
import { inspectCompose } from "./inspect.ts";

parentPort?.postMessage(await inspectCompose(workerData));
