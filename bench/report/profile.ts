import { relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The members of a V8 processor profile that are read here. Times are in µs. */
type Profile = {
  readonly nodes: readonly {
    readonly id: number;
    readonly callFrame: { readonly functionName: string; readonly url: string; readonly lineNumber: number };
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

/** Sum up a profile by package or folder and by function. Shares are of the time that was not idle. */
export function formatProfile(json: string, { requests, skipMs }: Measured): string {
  const { nodes, samples, timeDeltas }: Profile = JSON.parse(json);
  let elapsed = 0;
  const byId = new Map(nodes.map((node) => [node.id, node.callFrame]));
  const owners = new Map<string, number>();
  const functions = new Map<string, number>();
  let whole = 0;
  for (const [index, id] of samples.entries()) {
    const frame = byId.get(id);
    const time = timeDeltas[index] ?? 0;
    elapsed += time;
    if (elapsed < skipMs * 1_000) continue;
    if (frame === undefined || frame.functionName === "(idle)" || frame.functionName === "(root)") continue;
    const owner = nameOwner(frame.url);
    const file = frame.url.split("/").at(-1);
    whole += time;
    sum(owners, owner, time);
    sum(functions, `${frame.functionName || "(anonymous)"}  ${owner} ${file}:${frame.lineNumber + 1}`, time);
  }
  return [
    `${requests} requests, ${(whole / requests).toFixed(0)} µs each`,
    formatTotals("By package or folder", owners, whole, requests),
    formatTotals("By function", functions, whole, requests),
  ].join("\n\n");
}
