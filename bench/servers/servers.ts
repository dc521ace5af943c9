import { join } from "node:path";
import { QUERY_NAMES, type QueryName } from "../queries/queries.ts";
import { shapeChange, shapeFour, shapeOne, shapePage, shapePageWithState } from "../queries/shape.ts";
import { buildHiveBody, readHiveData } from "./peers/hive/queries.ts";

/** A server that the benchmark measures. */
export type ServerEntry = {
  readonly name: string;
  readonly title: string;
  /** Script with its arguments. Paths are relative to the folder of the benchmark. */
  readonly command: (folder: string) => readonly string[];
  /** Script that runs once before the server starts. It can write files to `folder`. */
  readonly prepare?: (folder: string) => readonly string[];
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
  {
    name: "ours",
    title: "cvm-gateway",
    // The bundle, as in the image.
    prepare: (folder) => ["../scripts/build.ts", join(folder, "dist")],
    command: (folder) => [join(folder, "dist", "main.js")],
  },
  {
    name: "raw",
    title: "raw proxy, a connection per write",
    command: () => ["servers/proxy/raw.ts"],
    readData: readRawData,
  },
  {
    name: "raw-pooled",
    title: "raw proxy, pooled writes",
    command: () => ["servers/proxy/raw.ts"],
    env: { POOLED_WRITES: "true" },
    queries: ["M1"],
    readData: readRawData,
  },
  { name: "shaping", title: "shaping proxy", command: () => ["servers/proxy/shaping.ts"] },
  { name: "yoga", title: "GraphQL Yoga + Pothos", command: () => ["servers/peers/yoga.ts"] },
  { name: "apollo", title: "Apollo Server + datasource-rest", command: () => ["servers/peers/apollo.ts"] },
  { name: "mercurius", title: "Mercurius + JIT", command: () => ["servers/peers/mercurius.ts"] },
  {
    name: "hive",
    title: "Hive Gateway over OpenAPI",
    prepare: (folder) => [
      "node_modules/@graphql-mesh/compose-cli/esm/bin.js",
      ...["--config-path", "servers/peers/hive/mesh.config.ts"],
      ...["--output", join(folder, "supergraph.graphql")],
    ],
    command: (folder) => [
      "node_modules/@graphql-hive/gateway/dist/bin.js",
      ...["supergraph", join(folder, "supergraph.graphql")],
    ],
    buildBody: buildHiveBody,
    readData: readHiveData,
  },
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
