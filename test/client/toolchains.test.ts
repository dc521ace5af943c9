import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { startClientGateway } from "./client-gateway.ts";
import { createFreshProject, type FreshProject } from "./fresh-project.ts";
import { app, codegen, countWarnings, relay, tada } from "./tool-sources.ts";

let project: FreshProject;

beforeAll(async () => {
  project = await createFreshProject();
  for (const files of [codegen, tada, relay, app]) {
    for (const [name, text] of Object.entries(files)) await project.write(name, text);
  }
}, 180_000);

afterAll(() => project.remove());

const TARGETS = {
  browser: ["--platform=browser"],
  "React Native": [
    "--platform=neutral",
    "--conditions=react-native,import",
    "--main-fields=react-native,module,main",
  ],
};

/** Bundle a file of the project. @returns the folder of the output */
async function bundle(source: string, target: keyof typeof TARGETS): Promise<string> {
  const folder = join(project.path, "out", `${source}-${target.replace(" ", "-")}`);
  const options = ["--bundle", "--minify", "--splitting", "--format=esm", "--log-level=warning"];
  await project.runTool("esbuild", [
    `src/${source}.ts`,
    ...options,
    ...TARGETS[target],
    `--outdir=${folder}`,
  ]);
  return folder;
}

/** Run the function `run` of a bundle against a gateway. */
async function runBundle(folder: string, source: string): Promise<unknown> {
  await using gateway = await startClientGateway();
  const { run } = await import(/* @vite-ignore */ pathToFileURL(join(folder, `${source}.js`)).href);
  // The gateway must outlive the run.
  return await run(gateway.network.url);
}

describe("the packed client in a fresh project", { tags: ["relay-compiler"] }, () => {
  it("sends documents of the client preset in both document modes", async () => {
    await project.runTool("graphql-codegen", ["--config", "codegen.ts"]);
    await project.runTool("tsc", ["--project", "tsconfig.json"]);
    for (const source of ["preset-string", "preset-tree"]) {
      const result = await runBundle(await bundle(source, "browser"), source);
      expect(result).toEqual(["web-phala", "number", "string", 1, true, true, "function"]);
    }
  }, 60_000);

  it("sends documents of gql.tada", async () => {
    await project.runTool("gql.tada", ["generate-output", "-c", "tsconfig.tada.json"]);
    await project.runTool("tsc", ["--project", "tsconfig.tada.json"]);
    const result = await runBundle(await bundle("tada", "browser"), "tada");
    expect(result).toEqual(["web-phala", "number", "RUNNING", "function"]);
  }, 60_000);

  it("configures relay-compiler", async () => {
    await project.runTool("relay-compiler", ["relay.config.js"], "relay");
    await project.runTool("tsc", ["--project", "tsconfig.relay.json"]);
    const artefact = await readFile(
      join(project.path, "relay/src/__generated__/list_cvms.graphql.ts"),
      "utf8",
    );
    expect(artefact).toContain("readonly createdAt: string | null");
    expect(artefact).toContain("readonly totalMemoryBytes: number | null");
    expect(await readdir(join(project.path, "relay/src/__generated__"))).toContain(
      "listPaginationQuery.graphql.ts",
    );
  }, 60_000);

  it("is bundled for the browser, and changes a CVM from there", async () => {
    expect(await runBundle(await bundle("app", "browser"), "app")).toBe("COMPLETED");
  }, 60_000);

  it("leaves graphcache without a warning about keys", async () => {
    await using gateway = await startClientGateway();
    const count = async (options: string) =>
      Number(await project.runScript(countWarnings(gateway.network.url, options)));
    expect(await count("{ schema: introspection, keys }")).toBe(0);
    expect(await count("{ schema: introspection }")).toBeGreaterThan(5);
  });

  it("has types that fit those of Apollo Client and graphcache", async () => {
    await project.runTool("tsc", ["--project", "tsconfig.app.json"]);
  }, 60_000);

  it.each(Object.keys(TARGETS) as (keyof typeof TARGETS)[])(
    "stays small in a bundle for %s: the client under 12 kB without sealing, sealing under 30 kB",
    async (target) => {
      const sizes: Record<string, number> = {};
      for (const source of ["only-client", "only-seal"]) {
        const folder = await bundle(source, target);
        for (const name of await readdir(folder)) {
          expect((await stat(join(folder, name))).isFile()).toBe(true);
          const bytes = gzipSync(await readFile(join(folder, name)), { level: 9 }).length;
          // The chunk of seal.ts is loaded by dynamic import.
          const part = name.startsWith("seal-") ? "loaded later" : source;
          sizes[part] = (sizes[part] ?? 0) + bytes;
        }
      }
      expect(sizes["only-client"]).toBeLessThan(12_000);
      expect(sizes["only-seal"]).toBeLessThan(30_000);
      expect(sizes["loaded later"]).toBeGreaterThan(10_000);
    },
  );
});
