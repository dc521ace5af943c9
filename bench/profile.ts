import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildBody, QUERY_NAMES } from "./queries/queries.ts";
import { formatProfile } from "./report/profile.ts";
import { prepareServer } from "./run/cold-starts.ts";
import { reserveCores } from "./run/cores.ts";
import { runLoad } from "./run/load.ts";
import { CONNECTIONS } from "./run/measure.ts";
import { startServer } from "./run/server.ts";
import { startUpstream } from "./run/upstream.ts";
import { servers } from "./servers/servers.ts";

/*
 * Print where a server spends its processor time under one query. Arguments: the query (Q1), the server (ours) and
 * the seconds (10).
 */

const [queryName = "Q1", serverName = "ours", seconds = "10"] = process.argv.slice(2);
const query = QUERY_NAMES.find((name) => name === queryName);
const entry = servers.find(({ name }) => name === serverName);
if (query === undefined || entry === undefined) throw new RangeError("Expected a query and a server.");

const cores = reserveCores();
const folder = mkdtempSync(join(tmpdir(), "cvm-gateway-profile-"));
const upstream = await startUpstream(folder);
try {
  await prepareServer(entry, folder);
  const profiled = {
    ...entry,
    command: (logFolder: string) => ["--cpu-prof", "--cpu-prof-dir", folder, ...entry.command(logFolder)],
  };
  const startedAt = performance.now();
  const server = await startServer(profiled, { upstreamUrl: upstream.url, cores, logFolder: folder });
  const load = {
    url: server.url,
    query,
    connections: CONNECTIONS,
    minimumLength: 2,
    buildBody: entry.buildBody ?? buildBody,
  };
  await runLoad({ ...load, seconds: 3 });
  const skipMs = performance.now() - startedAt;
  const { requests } = await runLoad({ ...load, seconds: Number(seconds) });
  await server.stop();
  const [file] = readdirSync(folder).filter((name) => name.endsWith(".cpuprofile"));
  if (file === undefined) throw new Error(`${serverName} wrote no profile.`);
  console.log(formatProfile(readFileSync(join(folder, file), "utf8"), { requests, skipMs }));
} finally {
  await upstream.stop();
  rmSync(folder, { recursive: true });
}
