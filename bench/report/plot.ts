import { CONNECTIONS } from "../run/measure.ts";
import type { Results, ServerResult } from "../run/results.ts";
import { BASELINE } from "../servers/servers.ts";
import { listLimited } from "./limited.ts";

const WIDTH = 960;
const TOP = 92;
const HEIGHT = 300;
const LEFT = 56;
const LEGEND_ROW = 22;
const LEGEND_COLUMNS = 3;
/** Bars of servers that do less work than the raw proxy, such as pooled writes, are cut off here. */
const HIGHEST_SHARE = 1.5;
const SHARED_MACHINE =
  "Some servers did not have a whole core: the load generator or other work on the machine limited them.";
const COLORS = ["#1f4e8c", "#9aa5b1", "#5f6b78", "#d9822b", "#b23a48", "#3a7d44", "#7a4e9c", "#b59f3b"];

const escapeText = (text: string) => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");

const text = (x: number, y: number, content: string, attributes = "") =>
  `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" ${attributes}>${escapeText(content)}</text>`;

const line = (x1: number, y1: number, x2: number, y2: number, attributes: string) =>
  `<line x1="${x1.toFixed(1)}" y1="${y1.toFixed(1)}" x2="${x2.toFixed(1)}" y2="${y2.toFixed(1)}" ${attributes}/>`;

type Bar = { readonly color: string; readonly median: number; readonly min: number; readonly max: number };

/** Draw one bar with a whisker from the lowest to the highest round. */
function drawBar({ color, median, min, max }: Bar, x: number, width: number, toY: (share: number) => number) {
  const top = toY(median);
  const label = `${median.toFixed(2)}${median > HIGHEST_SHARE ? "\u2191" : ""}`;
  const middle = x + width / 2;
  return [
    `<rect x="${x.toFixed(1)}" y="${top.toFixed(1)}" width="${(width - 2).toFixed(1)}" height="${(TOP + HEIGHT - top).toFixed(1)}" fill="${color}"/>`,
    line(middle - 1, toY(min), middle - 1, toY(max), 'stroke="#111" stroke-width="1"'),
    text(middle - 1, toY(max) - 4, label, 'text-anchor="middle" font-size="9"'),
  ];
}

function drawAxis(toY: (share: number) => number): string[] {
  const shares = Array.from({ length: Math.floor(HIGHEST_SHARE / 0.25) + 1 }, (_, index) => index * 0.25);
  return shares.flatMap((share) => {
    const isBaseline = Math.abs(share - 1) < 1e-9;
    const stroke = isBaseline ? 'stroke="#111" stroke-dasharray="4 3"' : 'stroke="#ddd"';
    return [
      line(LEFT, toY(share), WIDTH - 16, toY(share), stroke),
      text(LEFT - 8, toY(share) + 4, share.toFixed(2), 'text-anchor="end"'),
    ];
  });
}

function drawLegend(servers: readonly { title: string; color: string }[]): string[] {
  const top = TOP + HEIGHT + 44;
  const column = (WIDTH - LEFT) / LEGEND_COLUMNS;
  return servers.flatMap(({ title, color }, index) => {
    const x = LEFT + (index % LEGEND_COLUMNS) * column;
    const y = top + Math.floor(index / LEGEND_COLUMNS) * LEGEND_ROW;
    return [
      `<rect x="${x.toFixed(1)}" y="${y}" width="12" height="12" fill="${color}"/>`,
      text(x + 18, y + 11, title),
    ];
  });
}

/** Draw the requests per second of each server and query as a share of the raw proxy's, as an SVG. */
export function formatPlot(results: Results): string {
  const { servers, options, machine, date } = results;
  const colored = servers
    .filter(({ name }) => name !== BASELINE)
    .map((server, index) => ({ ...server, color: COLORS[index % COLORS.length] ?? "#000" }));
  const groups = options.queries.map((query) => ({
    query,
    bars: colored.flatMap(({ cells, color }: ServerResult & { color: string }): Bar[] => {
      const share = cells.get(query)?.share;
      return share === undefined ? [] : [{ color, ...share }];
    }),
  }));
  const toY = (share: number) => TOP + HEIGHT - (Math.min(share, HIGHEST_SHARE) / HIGHEST_SHARE) * HEIGHT;
  const groupWidth = (WIDTH - LEFT - 16) / groups.length;
  const drawn = groups.flatMap(({ query, bars }, group) => {
    const start = LEFT + group * groupWidth;
    const width = (groupWidth * 0.86) / Math.max(bars.length, 1);
    return [
      ...bars.flatMap((bar, index) => drawBar(bar, start + groupWidth * 0.07 + index * width, width, toY)),
      text(start + groupWidth / 2, TOP + HEIGHT + 22, query, 'text-anchor="middle" font-weight="bold"'),
    ];
  });
  const height = TOP + HEIGHT + 56 + Math.ceil(colored.length / LEGEND_COLUMNS) * LEGEND_ROW;
  const title = "Requests per second as a share of a raw node:http + undici proxy";
  const details = `${date}, ${machine.processor}, ${machine.cores} cores, Node ${machine.node}, ${machine.pinned ? "one core per server, " : ""}${CONNECTIONS} connections, median of ${options.rounds} rounds with range`;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" font-family="system-ui, sans-serif" font-size="12" role="img">`,
    `<title>${title}</title>`,
    `<rect width="${WIDTH}" height="${height}" fill="#fff"/>`,
    text(LEFT, 28, title, 'font-size="16" font-weight="bold"'),
    text(LEFT, 48, details, 'fill="#555"'),
    ...(listLimited(results).length > 0 ? [text(LEFT, 64, SHARED_MACHINE, 'fill="#b23a48"')] : []),
    ...drawAxis(toY),
    ...drawn,
    ...drawLegend(colored),
    "</svg>",
    "",
  ].join("\n");
}
