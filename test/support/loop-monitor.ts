import { startMain } from "./process.ts";

/** No single request may keep the event loop busy for longer, in milliseconds. */
export const LIMIT_MS = 100;

/** The machine can delay the loop as well, but hardly ever so many times in a row. */
const ATTEMPTS = 4;

/**
 * Reports the longest delay of the event loop since the last signal, and the peak memory of the process. Other
 * processes can delay the loop as well, so a delay counts only as far as the main thread was computing.
 */
const MONITOR = `
import { monitorEventLoopDelay } from "node:perf_hooks";
import { isMainThread } from "node:worker_threads";
const delay = monitorEventLoopDelay({ resolution: 5 });
let computed = 0;
let last = process.threadCpuUsage();
const measureTurn = () => {
  const now = process.threadCpuUsage();
  computed = Math.max(computed, now.user + now.system - last.user - last.system);
  last = now;
};
let reports = 0;
const report = () => {
  measureTurn();
  reports += 1;
  const ms = Math.round(Math.min(delay.max / 1e6, computed / 1e3));
  delay.reset();
  computed = 0;
  const mb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write("report " + reports + ": " + ms + " ms, " + mb + " MB\\n");
};
if (isMainThread) {
  delay.enable();
  setInterval(measureTurn, 5).unref();
  process.on("SIGUSR2", report);
}
`;

/** A gateway process whose event loop is measured. */
export async function startMonitoredGateway(environment: Readonly<Record<string, string>>) {
  const gateway = await startMain({
    ...environment,
    NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(MONITOR)}`,
  });
  let reports = 0;
  const readReport = async (): Promise<{ readonly delayMs: number; readonly peakMb: number }> => {
    reports += 1;
    gateway.child.kill("SIGUSR2");
    const [, delayMs, peakMb] = await gateway.waitFor(new RegExp(`report ${reports}: (\\d+) ms, (\\d+) MB`));
    return { delayMs: Number(delayMs), peakMb: Number(peakMb) };
  };
  /** Run something. @returns the longest delay of the event loop meanwhile, in milliseconds. */
  const measure = async (run: () => Promise<unknown>): Promise<number> => {
    await readReport();
    await run();
    return (await readReport()).delayMs;
  };
  return {
    ...gateway,
    readReport,
    measure,
    /** Measure until the delay is within the limit. @returns the smallest delay. */
    async measureDelay(run: () => Promise<unknown>): Promise<number> {
      let smallest = Number.POSITIVE_INFINITY;
      for (let attempt = 0; attempt < ATTEMPTS && smallest > LIMIT_MS; attempt += 1) {
        smallest = Math.min(smallest, await measure(run));
      }
      return smallest;
    },
  };
}
