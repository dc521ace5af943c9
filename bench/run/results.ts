import type { QueryName } from "../queries/queries.ts";
import type { CheckedQuery } from "./check-answers.ts";
import type { Start } from "./cold-starts.ts";
import type { Machine } from "./machine.ts";
import type { Cell } from "./measure.ts";
import type { Options } from "./options.ts";

/** Everything that one run of the benchmark found. */
export type Results = {
  readonly date: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly options: Options;
  readonly servers: readonly ServerResult[];
};

/** What was found about one server. Memory in MB. */
export type ServerResult = {
  readonly name: string;
  readonly title: string;
  readonly cells: ReadonlyMap<QueryName, Cell>;
  readonly checked: ReadonlyMap<QueryName, CheckedQuery>;
  readonly start: Start;
  readonly peakMb: number;
};
