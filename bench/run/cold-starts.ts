import { join } from "node:path";
import type { ServerEntry } from "../servers/servers.ts";
import { start } from "./process.ts";
import { type RunningServer, startServer } from "./server.ts";
import { type Spread, spreadOf } from "./statistics.ts";

/** How a server starts: time to the first answer in ms, and memory after it in MB. */
export type Start = { readonly coldStartMs: Spread; readonly restMb: Spread };

/** Run what has to happen once before a server can start. */
export async function prepareServer(
  { name, prepare: listArguments }: ServerEntry,
  logFolder: string,
): Promise<void> {
  if (listArguments === undefined) return;
  const command = [process.execPath, ...listArguments(logFolder)];
  const code = await start(command, {}, join(logFolder, `${name}-prepare.log`)).exited;
  if (code !== 0) throw new Error(`The preparation of ${name} failed.`);
}

/** Start each server several times, one after another. The last process of each stays, until `stack` ends. */
export async function startServers(
  entries: readonly ServerEntry[],
  times: number,
  surroundings: Parameters<typeof startServer>[1],
  report: (progress: string) => void,
  stack: AsyncDisposableStack,
): Promise<{ running: RunningServer[]; starts: ReadonlyMap<string, Start> }> {
  for (const entry of entries) await prepareServer(entry, surroundings.logFolder);
  const started = new Map<string, RunningServer[]>();
  for (let time = 0; time < times; time += 1) {
    for (const entry of entries) {
      report(`start ${entry.name}`);
      const earlier = started.get(entry.name) ?? [];
      await earlier.at(-1)?.stop();
      const server = await startServer(entry, surroundings);
      stack.defer(() => server.stop());
      started.set(entry.name, [...earlier, server]);
    }
  }
  const starts = [...started].map(([name, processes]): [string, Start] => [
    name,
    {
      coldStartMs: spreadOf(processes.map(({ coldStartMs }) => coldStartMs)),
      restMb: spreadOf(processes.map(({ restMb }) => restMb)),
    },
  ]);
  const running = [...started.values()].flatMap((processes) => processes.slice(-1));
  return { running, starts: new Map(starts) };
}
