import { relative } from "node:path";
import { fileURLToPath } from "node:url";

type Frame = { readonly functionName: string; readonly url: string; readonly lineNumber: number };

/** The members of a V8 processor profile that are read here. Times are in µs. */
type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: Frame;
    readonly children?: readonly number[];
  }[];
  readonly samples: readonly number[];
  readonly timeDeltas: readonly number[];
};

const ROOT = fileURLToPath(new URL("../..", import.meta.url));
const LINES = 25;

/** Name of the package, or of the folder in `src`, that a file belongs to. */
function nameOwner(url: string): string {
  const packageName = /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(url)?.[1];
  if (packageName !== undefined) return packageName;
  if (!url.startsWith("file:")) return url.startsWith("node:") ? "node" : "engine";
  return relative(ROOT, fileURLToPath(url)).split("/").slice(0, 3).join("/");
}

const nameFunction = ({ functionName, url, lineNumber }: Frame) =>
  `${functionName || "(anonymous)"}  ${nameOwner(url)} ${url.split("/").at(-1)}:${lineNumber + 1}`;

function sum(totals: Map<string, number>, name: string, time: number): void {
  totals.set(name, (totals.get(name) ?? 0) + time);
}

function formatTotals(title: string, totals: ReadonlyMap<string, number>, whole: number, requests: number) {
  const lines = [...totals]
    .toSorted(([, one], [, other]) => other - one)
    .slice(0, LINES)
    .map(([name, time]) => {
      const share = ((100 * time) / whole).toFixed(1).padStart(5);
      return `${share} %  ${(time / requests).toFixed(1).padStart(7)} µs  ${name}`;
    });
  return `${title}\n${lines.join("\n")}`;
}

/** What a profile covers: the requests after `skipMs`, which the start and the warm-up took. */
type Measured = { readonly requests: number; readonly skipMs: number };

/** Name of the function that calls each function, for the samples in `callers`. */
function describeCaller(callers: ReadonlyMap<string, number>): string {
  const [first] = [...callers].toSorted(([, one], [, other]) => other - one);
  return first === undefined ? "" : `  <- ${first[0].split("  ")[0]}`;
}

/** Sum up a profile by package or folder and by function. Shares are of the time that was not idle. */
export function formatProfile(json: string, { requests, skipMs }: Measured): string {
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(json);
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(
    nodes.flatMap((node) => (node.children ?? []).map((child) => [child, node] as const)),
  );
  const owners = new Map<string, number>();
  const functions = new Map<string, number>();
  const callers = new Map<string, Map<string, number>>();
  let whole = 0;
  let elapsed = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id)?.callFrame;
    const time = timeDeltas[index] ?? 0;
    elapsed += time;
    if (elapsed < skipMs * 1_000 || frame === undefined || frame.functionName === "(idle)") continue;
    const name = nameFunction(frame);
    const caller = parents.get(id)?.callFrame;
    const callersOfThis = callers.get(name) ?? new Map<string, number>();
    callers.set(name, callersOfThis);
    whole += time;
    sum(owners, nameOwner(frame.url), time);
    sum(functions, name, time);
    if (caller !== undefined) sum(callersOfThis, nameFunction(caller), time);
  }
  const withCallers = new Map(
    [...functions].map(([name, time]) => [`${name}${describeCaller(callers.get(name) ?? new Map())}`, time]),
  );
  return [
    `${requests} requests, ${(whole / requests).toFixed(0)} µs each`,
    formatTotals("By package or folder", owners, whole, requests),
    formatTotals("By function, with its most frequent caller", withCallers, whole, requests),
  ].join("\n\n");
}
