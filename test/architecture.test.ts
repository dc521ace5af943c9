import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const SOURCE = fileURLToPath(new URL("../src", import.meta.url));

/** How high each room stands: a file imports only from lower ones, or from its own room. */
const heights: readonly (readonly [prefix: string, height: number])[] = [
  ["main.ts", 7],
  ["server/", 6],
  ["sandbox/", 6],
  ["schema/", 5],
  ["resolvers/", 4],
  ["context.ts", 3],
  ["upstream/", 2],
  ["crypto/", 2],
  ["idempotency/", 2],
  ["errors.ts", 1],
  ["logger.ts", 1],
  ["redis.ts", 1],
  ["spans.ts", 1.5],
  ["config.ts", 0],
];

function findRoom(file: string) {
  const found = heights.find(
    ([prefix]) => file === prefix || (prefix.endsWith("/") && file.startsWith(prefix)),
  );
  if (found === undefined) throw new Error(`src/${file} stands in no room of the layout.`);
  return { room: found[0], height: found[1] };
}

const files = readdirSync(SOURCE, { recursive: true, encoding: "utf8" }).filter((file) =>
  file.endsWith(".ts"),
);

const sources = files.map((file) => {
  const text = readFileSync(join(SOURCE, file), "utf8");
  const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map((match) => match[1] ?? "");
  return { file, text, specifiers };
});

function listLocalImports() {
  return sources.flatMap(({ file, specifiers }) =>
    specifiers
      .filter((specifier) => specifier.startsWith("."))
      .map((specifier) => ({ file, target: relative(SOURCE, join(SOURCE, dirname(file), specifier)) })),
  );
}

function listImportersOf(pattern: RegExp): string[] {
  return sources
    .filter(({ specifiers }) => specifiers.some((name) => pattern.test(name)))
    .map(({ file }) => file);
}

describe("the layout", () => {
  it("is looked at: there are files and imports in every room", () => {
    expect(files.length).toBeGreaterThan(60);
    expect(listLocalImports().length).toBeGreaterThan(100);
    expect(new Set(files.map((file) => findRoom(file).room))).toEqual(
      new Set(heights.map(([prefix]) => prefix)),
    );
  });

  it("lets imports go downhill only", () => {
    const uphill = listLocalImports().filter(({ file, target }) => {
      const from = findRoom(file);
      const to = findRoom(target);
      return from.room !== to.room && from.height <= to.height;
    });
    expect(uphill).toEqual([]);
  });

  it("keeps each tool in its room", () => {
    expect(listImportersOf(/^@pothos\//).every((file) => file.startsWith("schema/"))).toBe(true);
    expect(listImportersOf(/^undici$/).every((file) => file.startsWith("upstream/"))).toBe(true);
    expect(
      listImportersOf(/^(graphql-yoga|@graphql-yoga\/)/).every((file) => file.startsWith("server/")),
    ).toBe(true);
    expect(listImportersOf(/^pino$/)).toEqual(["logger.ts"]);
    expect(listImportersOf(/^ioredis$/)).toEqual(["redis.ts"]);
    expect(listImportersOf(/^@pothos\//)).not.toEqual([]);
    expect(listImportersOf(/^undici$/)).not.toEqual([]);
  });

  it("reads the environment in one place", () => {
    expect(sources.filter(({ text }) => text.includes("process.env")).map(({ file }) => file)).toEqual([
      "config.ts",
    ]);
  });

  it("calls the network through no global", () => {
    const bare = sources.filter(
      ({ file, text }) => !file.startsWith("sandbox/") && /(?<![.\w])fetch\(|setGlobalDispatcher/.test(text),
    );
    expect(bare.map(({ file }) => file)).toEqual([]);
  });
});
