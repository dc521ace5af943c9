import { queries } from "../queries/queries.ts";
import { type Cell, CONNECTIONS, DELAY_MS } from "../run/measure.ts";
import type { Results, ServerResult } from "../run/results.ts";
import type { Spread } from "../run/statistics.ts";
import { listLimited } from "./limited.ts";

const number = (value: number, digits = 0) => (Number.isNaN(value) ? "–" : value.toFixed(digits));

const withRange = ({ median, min, max }: Spread, digits: number) =>
  `${number(median, digits)} (${number(min, digits)}–${number(max, digits)})`;

type Column = { readonly title: string; readonly read: (server: ServerResult) => string };

function formatTable(servers: readonly ServerResult[], columns: readonly Column[]): string {
  const lines = [
    ["", ...columns.map(({ title }) => title)],
    ["---", ...columns.map(() => "---")],
    ...servers.map((server) => [server.title, ...columns.map(({ read }) => read(server))]),
  ];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

/** Table with one column for each query. */
function formatQueryTable(results: Results, read: (cell: Cell) => string): string {
  const columns = results.options.queries.map((query) => ({
    title: query,
    read: ({ cells }: ServerResult) => {
      const cell = cells.get(query);
      return cell === undefined ? "" : read(cell);
    },
  }));
  return formatTable(results.servers, columns);
}

function formatUses({ options, servers }: Results): string {
  const columns = options.queries.map((query) => ({
    title: query,
    read: ({ checked }: ServerResult) => {
      const use = checked.get(query);
      return use === undefined ? "" : `${use.calls} (${use.connections})`;
    },
  }));
  return formatTable(servers, columns);
}

function formatProcesses({ servers }: Results): string {
  return formatTable(servers, [
    { title: "first answer, ms", read: ({ start }) => withRange(start.coldStartMs, 0) },
    { title: "memory at rest, MB", read: ({ start }) => number(start.restMb.median) },
    { title: "peak memory, MB", read: ({ peakMb }) => number(peakMb) },
  ]);
}

function describeRun({ date, machine, versions, options }: Results): string {
  const { processor, cores, memoryGb, system, node, pinned } = machine;
  const packages = Object.entries(versions).map(([name, version]) => `${name} ${version}`);
  return [
    `- ${date}, ${options.rounds} rounds of ${options.seconds} s, ${CONNECTIONS} connections`,
    `- ${processor}, ${cores} cores, ${memoryGb} GB, ${system}, Node ${node}`,
    pinned
      ? "- Each server has one core of its own; the load generator and the REST API share the others."
      : "- The processes are not pinned to cores.",
    `- ${packages.join(", ")}`,
    ...options.queries.map((query) => `- ${query}: ${queries[query].purpose}`),
  ].join("\n");
}

/** Explain which figures something else than the server limited. Empty if there are none. */
function describeLimited(results: Results): string {
  const limited = listLimited(results);
  if (limited.length === 0) return "";
  const all = results.servers.flatMap(({ cells }) => [...cells]);
  const names = limited.length === all.length ? "all figures" : limited.join(", ");
  return `\n\nThe load generator, the REST API or other work on the machine limited ${names}. Compare the processor time instead.`;
}

/** Format the results as Markdown. */
export function formatMarkdown(results: Results): string {
  const sections: [title: string, text: string][] = [
    ["Run", describeRun(results)],
    [
      "Requests per second as a share of the raw proxy's",
      `Median and range over the rounds.\n\n${formatQueryTable(results, ({ share }) => withRange(share, 2))}`,
    ],
    [
      "Processor time per request, the raw proxy's as a share of the server's",
      `The same comparison, on which other work on the machine has less influence.\n\n${formatQueryTable(results, ({ cpuShare }) => withRange(cpuShare, 2))}`,
    ],
    [
      "Requests per second, and how busy the server's core was",
      `${formatQueryTable(
        results,
        ({ perSecond, busy }) => `${number(perSecond.median)} at ${number(busy.median * 100)} %`,
      )}${describeLimited(results)}`,
    ],
    ["Processor time per request, µs", formatQueryTable(results, ({ cpuMicros }) => withRange(cpuMicros, 0))],
    [
      `Latency with ${CONNECTIONS} connections, p50 / p99 in ms`,
      formatQueryTable(results, ({ p50, p99 }) => `${number(p50.median, 1)} / ${number(p99.median, 1)}`),
    ],
    [
      `Latency with one connection and a REST API that takes ${DELAY_MS} ms, p50 / p99 in ms`,
      formatQueryTable(results, (cell) => `${number(cell.delayedP50, 1)} / ${number(cell.delayedP99, 1)}`),
    ],
    ["Upstream calls of one request (and new connections)", formatUses(results)],
    ["Start and memory", formatProcesses(results)],
  ];
  return `${sections.map(([title, text]) => `## ${title}\n\n${text}`).join("\n\n")}\n`;
}
