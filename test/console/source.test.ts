import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { CONSOLE } from "../support/parts/parts.ts";

const run = promisify(execFile);

/** List the sources of the console that people write. */
async function listSources(): Promise<string[]> {
  const files = await readdir(join(CONSOLE, "src"), { recursive: true });
  return files.filter((file) => /\.tsx?$/.test(file) && !file.startsWith("gql"));
}

/** Run a tool of the console. @returns what it prints, also when it fails */
async function runTool(name: string, args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await run(join(CONSOLE, "node_modules/.bin", name), args, { cwd: CONSOLE });
    return stdout;
  } catch (error) {
    // tsc reports its errors on stdout, which is not in the message.
    const { stdout, stderr } = Object(error);
    return `${stdout}${stderr}`;
  }
}

/** Find a circle in the imports of the console, types included. @returns its files, or null when there is none */
async function findCircle(): Promise<readonly string[] | null> {
  const imports = new Map<string, string[]>();
  for (const file of await listSources()) {
    const text = await readFile(join(CONSOLE, "src", file), "utf8");
    const specifiers = [...text.matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)].map(
      ([, name = ""]) => name,
    );
    imports.set(
      file,
      specifiers.map((name) => join(dirname(file), name)),
    );
  }
  const done = new Set<string>();
  const walk = (file: string, path: readonly string[]): readonly string[] | null => {
    if (path.includes(file)) return [...path.slice(path.indexOf(file)), file];
    if (done.has(file)) return null;
    for (const next of imports.get(file) ?? []) {
      const circle = walk(next, [...path, file]);
      if (circle !== null) return circle;
    }
    done.add(file);
    return null;
  };
  return [...imports.keys()].map((file) => walk(file, [])).find((circle) => circle !== null) ?? null;
}

describe("the source of the console", { tags: ["graphql-codegen"] }, () => {
  it("has no type error", async () => {
    for (const project of ["tsconfig.json", "tsconfig.tools.json"]) {
      expect(await runTool("tsc", ["--noEmit", "--pretty", "false", "--project", project])).toBe("");
    }
  }, 60_000);

  it("has no unused file, export or package", async () => {
    const knip = join(CONSOLE, "../../node_modules/knip/bin/knip.js");
    const { stdout } = await run(process.execPath, [knip, "--directory", CONSOLE, "--no-progress"]);
    expect(stdout.trim()).toBe("");
  }, 60_000);

  it("has typed documents that are made from the present schema", async () => {
    const folder = await mkdtemp(join(tmpdir(), "cvm-console-gql-"));
    try {
      const { stdout } = await run(
        process.execPath,
        [join(CONSOLE, "node_modules/@graphql-codegen/cli/cjs/bin.js"), "--config", "codegen.ts", "--silent"],
        { cwd: CONSOLE, env: { ...process.env, GQL_FOLDER: folder } },
      );
      expect(stdout).toBe("");
      const names = await readdir(folder);
      expect(names).toContain("graphql.ts");
      for (const name of names) {
        const present = await readFile(join(CONSOLE, "src/gql", name), "utf8");
        expect(present === (await readFile(join(folder, name), "utf8")), `${name}: npm run generate`).toBe(
          true,
        );
      }
    } finally {
      await rm(folder, { recursive: true });
    }
  }, 60_000);

  it("has no circle of imports, not even of types", async () => {
    expect(await findCircle()).toBeNull();
  });

  it("loads nothing from another host, and has short files", async () => {
    const sources = await listSources();
    expect(sources.length).toBeGreaterThan(50);
    for (const file of sources) {
      const text = await readFile(join(CONSOLE, "src", file), "utf8");
      expect(text.split("\n").length, file).toBeLessThanOrEqual(250);
      expect(text, file).not.toMatch(/\bas any\b|: any\b|@ts-|https?:\/\//);
    }
  });
});
