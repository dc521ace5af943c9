import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { buildBody, HEADERS, type QueryName } from "../queries/queries.ts";
import { queriesOf, type ServerEntry } from "../servers/servers.ts";
import { cvmIdOf } from "../upstream/render.ts";
import { type Cores, nodeCommand } from "./cores.ts";
import { findPort, type Running, start, waitFor } from "./process.ts";

/** A server under test as a process. */
export type RunningServer = ServerEntry &
  Running & {
    readonly url: string;
    /** From the start of the process to its first answer, in ms. */
    readonly coldStartMs: number;
    /** Resident set one second after the first answer, in MB. */
    readonly restMb: number;
    /** Send one request. @returns the body of the answer */
    ask(query: QueryName, cvmId: string): Promise<string>;
  };

type Surroundings = { readonly upstreamUrl: string; readonly cores: Cores; readonly logFolder: string };

/** Start a server as in production, and wait for its first answer. */
export async function startServer(entry: ServerEntry, surroundings: Surroundings): Promise<RunningServer> {
  const { upstreamUrl, cores, logFolder } = surroundings;
  const port = await findPort();
  const url = `http://127.0.0.1:${port}/graphql`;
  const env = {
    NODE_ENV: "production",
    HOST: "127.0.0.1",
    PORT: String(port),
    UPSTREAM_URL: upstreamUrl,
    ...entry.env,
  };
  const command = [...nodeCommand(cores), ...entry.command(logFolder)];
  const startedAt = performance.now();
  const running = start(command, env, join(logFolder, `${entry.name}.log`));
  const ask = async (query: QueryName, cvmId: string) => {
    const body = (entry.buildBody ?? buildBody)(query, cvmId);
    const response = await fetch(url, { method: "POST", headers: HEADERS, body });
    if (!response.ok) throw new Error(`${entry.name} answered ${response.status}: ${await response.text()}`);
    return response.text();
  };
  const [first = "Q1"] = queriesOf(entry);
  await waitFor(running, async () => void (await ask(first, cvmIdOf(0))));
  const coldStartMs = performance.now() - startedAt;
  await sleep(1_000);
  return { ...entry, ...running, url, coldStartMs, restMb: running.memoryMb().now, ask };
}
