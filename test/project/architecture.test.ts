import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** The layers from the bottom up. A file imports from lower layers, or from its own folder of its layer. */
const layers: readonly (readonly string[])[] = [
  [
    "src/client-presence.ts",
    "src/limits.ts",
    "src/errors.ts",
    "src/error-catalog.ts",
    "src/error-messages.ts",
    "src/credential.ts",
    "src/logger.ts",
    "src/loop-turns.ts",
    "src/output.ts",
    "src/crypto/",
  ],
  ["src/compose/"],
  ["src/config.ts", "src/settings/", "src/redis/", "src/egress.ts", "src/spans.ts"],
  ["src/access/"],
  ["src/request-facts.ts", "src/upstream/", "src/idempotency/", "src/locks/", "src/provisions/"],
  ["src/watch/"],
  ["src/context.ts"],
  ["src/schema/core/", "src/schema/input/"],
  ["src/resolvers/"],
  ["src/schema/"],
  ["src/server/"],
  ["src/start.ts"],
  ["src/main.ts"],
];

/** The sandbox is a server of its own. It may import only these files of the gateway. */
const SANDBOX_IMPORTS = /^src\/(?:crypto\/|errors\.ts$)/;

function listSources(folder: string) {
  return readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
    .filter((file) => file.endsWith(".ts"))
    .map((name) => {
      const file = join(folder, name);
      const text = readFileSync(join(ROOT, file), "utf8");
      const imports = [...text.matchAll(/(?:from|import)\s*\(?\s*"([^"]+)"/g)].map(
        ([, specifier = ""]) => specifier,
      );
      const local = imports
        .filter((specifier) => specifier.startsWith("."))
        .map((specifier) => relative(ROOT, join(ROOT, dirname(file), specifier)));
      return { file, text, packages: imports.filter((specifier) => !specifier.startsWith(".")), local };
    });
}

const gateway = listSources("src");
const sandbox = listSources("sandbox");

function findPlace(file: string): { readonly layer: number; readonly part: string } {
  for (const [layer, parts] of layers.entries()) {
    const part = parts.find((name) => file === name || (name.endsWith("/") && file.startsWith(name)));
    if (part !== undefined) return { layer, part };
  }
  throw new Error(`${file} is in no layer.`);
}

function listImporters(pattern: RegExp): string[] {
  return gateway
    .filter(({ packages }) => packages.some((name) => pattern.test(name)))
    .map(({ file }) => file);
}

/** Find the first circle of imports. @returns its files, or null when there is none. */
function findCircle(sources: typeof gateway): readonly string[] | null {
  const imports = new Map(sources.map(({ file, local }) => [file, local]));
  const done = new Set<string>();
  function walk(file: string, path: readonly string[]): readonly string[] | null {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of imports.get(file) ?? []) {
      const circle = walk(next, [...path, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  }
  for (const { file } of sources) {
    const circle = walk(file, []);
    if (circle !== null) return circle;
  }
  return null;
}

describe("the layout of the source", () => {
  it("has files in every layer, so that the checks below are not empty", () => {
    expect(gateway.length).toBeGreaterThan(100);
    expect(sandbox.length).toBeGreaterThan(40);
    const used = new Set(gateway.map(({ file }) => findPlace(file).part));
    expect(used).toEqual(new Set(layers.flat()));
  });

  it("imports from lower layers only", () => {
    const upward = gateway.flatMap(({ file, local }) =>
      local
        .filter((target) => target.startsWith("src/"))
        .filter((target) => {
          const from = findPlace(file);
          const to = findPlace(target);
          return from.part !== to.part && from.layer < to.layer;
        })
        .map((target) => `${file} imports ${target}`),
    );
    expect(upward).toEqual([]);
  });

  it("has no circle of imports, not even of types", () => {
    expect(findCircle(gateway)).toBeNull();
    expect(findCircle(sandbox)).toBeNull();
  });

  it("lets the sandbox import only crypto and errors from the gateway", () => {
    const taken = sandbox.flatMap(({ file, local }) =>
      local
        .filter((target) => target.startsWith("src/") && !SANDBOX_IMPORTS.test(target))
        .map((target) => `${file} imports ${target}`),
    );
    expect(taken).toEqual(["sandbox/main.ts imports src/config.ts"]);
  });

  it("loads the sandbox from start.ts only, by dynamic import", () => {
    const importers = gateway.filter(({ local }) => local.some((target) => target.startsWith("sandbox/")));
    expect(importers.map(({ file }) => file)).toEqual(["src/start.ts"]);
    expect(importers[0]?.text).not.toMatch(/from "\.\.\/sandbox\//);
  });

  it.each([
    [/^@pothos\//, ["src/schema/"]],
    [/^undici$/, ["src/upstream/", "src/access/tokens/", "src/egress.ts"]],
    [/^jose$/, ["src/access/tokens/"]],
    [/^(?:graphql-yoga|@graphql-yoga\/)/, ["src/server/"]],
    [/^pino$/, ["src/logger.ts"]],
    [/^ioredis$/, ["src/redis/"]],
  ])("imports the package %s in %s only", (pattern, places) => {
    const importers = listImporters(pattern);
    expect(importers).not.toEqual([]);
    expect(importers.filter((file) => !places.some((place) => file.startsWith(place)))).toEqual([]);
  });

  it("loads the code for proxies only when a proxy is set", () => {
    const importers = gateway.filter(({ text }) => /import (?!type ).*"[./]+\/egress\.ts"/.test(text));
    expect(importers.map(({ file }) => file)).toEqual([]);
    expect(
      gateway.filter(({ text }) => text.includes('import("./egress.ts")')).map(({ file }) => file),
    ).toEqual(["src/start.ts"]);
  });

  it("reads process.env in config.ts only", () => {
    const readers = gateway.filter(({ text }) => text.includes("process.env")).map(({ file }) => file);
    expect(readers).toEqual(["src/config.ts"]);
  });

  it("uses no global function for network access", () => {
    const bare = gateway.filter(({ text }) => /(?<![.\w])fetch\(|setGlobalDispatcher/.test(text));
    expect(bare.map(({ file }) => file)).toEqual([]);
  });
});
