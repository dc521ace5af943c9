import { parseArgs } from "node:util";
import { QUERY_NAMES, type QueryName } from "../queries/queries.ts";

/** How long and how often the benchmark measures. Times are in seconds. */
export type Options = {
  /** Whether to write the tables and the plot to `results/`. */
  readonly write: boolean;
  readonly only: readonly string[] | null;
  readonly queries: readonly QueryName[];
  readonly rounds: number;
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly delayedSeconds: number;
  readonly coldStarts: number;
};

export const USAGE = `npm run bench -- [options]

  --quick           Under three minutes: few short rounds, four servers. Prints the tables and writes no files.
  --write           Write the files after a quick run as well.
  --only a,b        Servers: ours, raw, shaping, yoga, apollo, mercurius, hive. The default is all of them.
  --queries Q1,M1   Queries: ${QUERY_NAMES.join(", ")}. The default is all.
  --rounds n        Rounds of each server and query.
  --seconds n       Length of a round.
`;

const QUICK = { rounds: 3, seconds: 1.2, warmupSeconds: 1.5, delayedSeconds: 0.5, coldStarts: 1 };
const FULL = { rounds: 7, seconds: 4, warmupSeconds: 4, delayedSeconds: 3, coldStarts: 5 };
const QUICK_SERVERS = ["ours", "raw", "shaping", "yoga"];

const parseList = (text: string | undefined) => text?.split(",").map((part) => part.trim()) ?? null;

function parseNumber(text: string | undefined, fallback: number): number {
  const number = text === undefined ? fallback : Number(text);
  if (!(number > 0)) throw new RangeError(`Expected a positive number instead of ${text}.`);
  return number;
}

function parseQueries(names: readonly string[] | null): readonly QueryName[] {
  const unknown = names?.find((name) => !QUERY_NAMES.some((query) => query === name));
  if (unknown !== undefined) throw new RangeError(`Unknown query ${unknown}.`);
  return QUERY_NAMES.filter((name) => names?.includes(name) ?? true);
}

/** Parse the command line. @returns null for `--help` */
export function parseOptions(args: readonly string[]): Options | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      help: { type: "boolean", default: false },
      quick: { type: "boolean", default: false },
      write: { type: "boolean", default: false },
      only: { type: "string" },
      queries: { type: "string" },
      rounds: { type: "string" },
      seconds: { type: "string" },
    },
  });
  if (values.help) return null;
  const defaults = values.quick ? QUICK : FULL;
  return {
    ...defaults,
    write: values.write || !values.quick,
    only: parseList(values.only) ?? (values.quick ? QUICK_SERVERS : null),
    queries: parseQueries(parseList(values.queries)),
    rounds: Math.ceil(parseNumber(values.rounds, defaults.rounds)),
    seconds: parseNumber(values.seconds, defaults.seconds),
  };
}
