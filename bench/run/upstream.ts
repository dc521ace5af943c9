import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { UpstreamControl, UpstreamCounters } from "../upstream/control.ts";
import { findPort, type Running, start, waitFor } from "./process.ts";

/** The fake REST API as a process. */
export type UpstreamProcess = Running & {
  readonly url: string;
  /** Set delay and tick. @returns the counters since the start */
  control(state: UpstreamControl): Promise<UpstreamCounters>;
};

/** Start the fake REST API on the processors of the load generator. */
export async function startUpstream(logFolder: string): Promise<UpstreamProcess> {
  const port = await findPort();
  const script = fileURLToPath(new URL("../upstream/main.ts", import.meta.url));
  const process_ = start([process.execPath, script, String(port)], {}, join(logFolder, "upstream.log"));
  const control = async (state: UpstreamControl): Promise<UpstreamCounters> => {
    const response = await fetch(`http://127.0.0.1:${port}/bench/control`, {
      method: "POST",
      body: JSON.stringify(state),
    });
    return response.json();
  };
  await waitFor(process_, async () => void (await control({ delayMs: 0, tick: null })));
  return { ...process_, url: `http://127.0.0.1:${port}/api/v1`, control };
}
