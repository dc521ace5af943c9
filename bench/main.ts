import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { formatMarkdown } from "./report/markdown.ts";
import { writeResults } from "./report/write-results.ts";
import { checkAnswers } from "./run/check-answers.ts";
import { startServers } from "./run/cold-starts.ts";
import { reserveCores } from "./run/cores.ts";
import { describeMachine, readVersions } from "./run/machine.ts";
import { type CheckedServer, measure } from "./run/measure.ts";
import { type Options, parseOptions, USAGE } from "./run/options.ts";
import type { Results, ServerResult } from "./run/results.ts";
import { startUpstream } from "./run/upstream.ts";
import { pickServers } from "./servers/servers.ts";

const report = (progress: string) => console.error(progress);

/** Run the benchmark. Every process that it starts has ended when it returns. */
async function run(options: Options): Promise<Results> {
  const entries = pickServers(options.only, options.queries);
  const cores = reserveCores();
  const logFolder = mkdtempSync(join(tmpdir(), "cvm-gateway-bench-"));
  const upstream = await startUpstream(logFolder);
  const stack = new AsyncDisposableStack();
  stack.defer(() => upstream.stop());
  try {
    const surroundings = { upstreamUrl: upstream.url, cores, logFolder };
    const { running, starts } = await startServers(entries, options.coldStarts, surroundings, report, stack);
    const checked: CheckedServer[] = [];
    for (const server of running) {
      report(`check the answers of ${server.name}`);
      checked.push({ ...server, checked: await checkAnswers(server, upstream) });
    }
    const cells = await measure(checked, upstream, options, report);
    const servers = checked.map((server): ServerResult => {
      const [start, ownCells] = [starts.get(server.name), cells.get(server.name)];
      if (start === undefined || ownCells === undefined) throw new Error(`${server.name} has no results.`);
      const { name, title } = server;
      return { name, title, start, cells: ownCells, checked: server.checked, peakMb: server.memoryMb().peak };
    });
    const date = new Date().toISOString().slice(0, 10);
    const results = { date, machine: describeMachine(cores), versions: readVersions(), options, servers };
    rmSync(logFolder, { recursive: true });
    return results;
  } catch (error) {
    report(`The output of the servers is in ${logFolder}.`);
    throw error;
  } finally {
    await stack.disposeAsync();
  }
}

const options = parseOptions(process.argv.slice(2));
if (options === null) {
  console.log(USAGE);
} else if (!existsSync(fileURLToPath(new URL("../node_modules/graphql-yoga", import.meta.url)))) {
  console.error("The gateway is not installed. Run `npm ci` in the root of the repository first.");
  process.exitCode = 1;
} else {
  const results = await run(options);
  console.log(formatMarkdown(results));
  if (options.write) writeResults(results);
}
