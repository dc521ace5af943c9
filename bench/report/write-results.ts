import { mkdirSync, writeFileSync } from "node:fs";
import type { Results } from "../run/results.ts";
import { formatMarkdown } from "./markdown.ts";
import { formatPlot } from "./plot.ts";

const FOLDER = new URL("../results/", import.meta.url);

/** Write the table and the plot of a full run to `results/`. */
export function writeResults(results: Results): void {
  mkdirSync(FOLDER, { recursive: true });
  const page = `# Results\n\n![Requests per second as a share of a raw proxy](results.svg)\n\n${formatMarkdown(results)}`;
  writeFileSync(new URL("results.md", FOLDER), page);
  writeFileSync(new URL("results.svg", FOLDER), formatPlot(results));
}
