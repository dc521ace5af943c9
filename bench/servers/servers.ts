import { fileURLToPath } from "node:url";
import { QUERY_NAMES, type QueryName } from "../queries/queries.ts";
import { shapeChange, shapeFour, shapeOne, shapePage, shapePageWithState } from "../queries/shape.ts";

/** A server that the benchmark measures. */
export type ServerEntry = {
  readonly name: string;
  readonly title: string;
  /** Script, from the folder of the benchmark. */
  readonly script: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Queries that it is measured with. The default is all. */
  readonly queries?: readonly QueryName[];
  /** Body of a request, where the schema differs from ours. */
  readonly buildBody?: (name: QueryName, cvmId: string) => string;
  /** Return the data of an answer, where the body is not `{ data }`. */
  readonly readData?: (name: QueryName, body: string) => unknown;
};

/** Shape the parts that the raw proxy has joined. */
function readRawData(name: QueryName, body: string): unknown {
  const parts = JSON.parse(body);
  switch (name) {
    case "Q1":
      return shapeOne(parts);
    case "Q2":
      return shapeFour(parts.cvm, parts.compose, parts.network, parts.stats);
    case "Q3":
      return shapePage(parts);
    case "Q3S":
      return shapePageWithState(parts.page, parts.states);
    case "M1":
      return shapeChange(parts);
  }
}

/** The server that shares are computed from. */
export const BASELINE = "raw";

/** All servers, in the order of the tables. */
export const servers: readonly ServerEntry[] = [
  { name: "ours", title: "cvm-gateway", script: "../src/main.ts" },
  {
    name: "raw",
    title: "raw proxy, a connection per write",
    script: "servers/proxy/raw.ts",
    readData: readRawData,
  },
  {
    name: "raw-pooled",
    title: "raw proxy, pooled writes",
    script: "servers/proxy/raw.ts",
    env: { POOLED_WRITES: "true" },
    queries: ["M1"],
    readData: readRawData,
  },
  { name: "shaping", title: "shaping proxy", script: "servers/proxy/shaping.ts" },
  { name: "yoga", title: "GraphQL Yoga + Pothos", script: "servers/peers/yoga.ts" },
];

/** Pick the servers that `--only` names and that have one of the queries. raw-pooled belongs to raw. */
export function pickServers(
  only: readonly string[] | null,
  queries: readonly QueryName[],
): readonly ServerEntry[] {
  const unknown = only?.find((name) => !servers.some((server) => server.name === name));
  if (unknown !== undefined) {
    throw new RangeError(`Unknown server ${unknown}. Known: ${servers.map(({ name }) => name).join(", ")}.`);
  }
  const isWanted = (name: string) => only === null || only.includes(name);
  return servers.filter(
    (server) =>
      (isWanted(server.name) || (server.name === "raw-pooled" && isWanted("raw"))) &&
      queriesOf(server).some((query) => queries.includes(query)),
  );
}

/** Queries that a server is measured with. */
export const queriesOf = ({ queries }: ServerEntry): readonly QueryName[] => queries ?? QUERY_NAMES;

/** Absolute path of a server's script. */
export const scriptOf = ({ script }: ServerEntry): string =>
  fileURLToPath(new URL(`../${script}`, import.meta.url));
