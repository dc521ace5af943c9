import { startMain } from "./process.ts";

/** Reports the longest delay of the event loop since the last signal, and the peak memory of the process. */
const MONITOR = `
import { monitorEventLoopDelay } from "node:perf_hooks";
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
let reports = 0;
process.on("SIGUSR2", () => {
  reports += 1;
  const ms = Math.round(delay.max / 1e6);
  delay.reset();
  const mb = Math.round(process.resourceUsage().maxRSS / 1024);
  process.stdout.write("report " + reports + ": " + ms + " ms, " + mb + " MB\\n");
});
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
  return {
    ...gateway,
    readReport,
    /** Run something. @returns the longest delay of the event loop meanwhile, in milliseconds. */
    async measure(run: () => Promise<unknown>): Promise<number> {
      await readReport();
      await run();
      return (await readReport()).delayMs;
    },
  };
}
