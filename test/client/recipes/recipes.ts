import { randomUUID } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { FreshProject } from "../fresh-project.ts";
import { bundleForReactNative } from "./metro.ts";
import { findBlock, listBlocks, readPage, setConstants } from "./page.ts";
import { type RunningRecipe, startRecipe } from "./run-recipe.ts";

/** A recipe of docs/clients.md. */
export type Recipe = {
  readonly name: string;
  /** The name without spaces, for keys and files. */
  readonly slug: string;
  /** Text of the program as the page has it or, where a framework has a compiler, as the compiler returns it. */
  readonly program: string;
  readonly interpreter: "node" | "bash";
};

/** Recipes in JavaScript that Node runs as they are. */
const PLAIN = ["The package", "Apollo Client", "urql", "graphql-ws", "graphql-sse", "fetch"];

function describeRecipe(name: string, program: string, interpreter: Recipe["interpreter"] = "node"): Recipe {
  return { name, slug: name.toLowerCase().replaceAll(/\W+/g, "-"), program, interpreter };
}

/** Compile the recipe for Relay with relay-compiler and the Babel plugin of Relay. */
async function compileRelay(project: FreshProject, code: string): Promise<string> {
  await project.write("relay-recipe/src/cvm.js", code);
  await project.write("relay-recipe/src/__generated__/.gitkeep", "");
  const config = {
    src: "./src",
    language: "javascript",
    schema: "../node_modules/@cvm-gateway/client/dist/schema.graphql",
    artifactDirectory: "./src/__generated__",
    eagerEsModules: true,
  };
  await project.write("relay-recipe/relay.config.json", JSON.stringify(config));
  await project.write(
    "relay-recipe/compile.js",
    `import { transformFileSync } from "@babel/core";
     import { writeFileSync } from "node:fs";
     const plugins = [["relay", { eagerEsModules: true, artifactDirectory: "./src/__generated__" }]];
     writeFileSync("src/compiled.js", transformFileSync("src/cvm.js", { plugins }).code);`,
  );
  await project.runTool("relay-compiler", ["relay.config.json"], "relay-recipe");
  await project.runTool("node", ["compile.js"], "relay-recipe");
  const options = ["--bundle", "--platform=node", "--format=esm", "--log-level=warning"];
  await project.runTool("esbuild", ["src/compiled.js", ...options, "--outfile=bundle.js"], "relay-recipe");
  return readFile(join(project.path, "relay-recipe/bundle.js"), "utf8");
}

/** Read the recipes of docs/clients.md, ready to run in a project. */
export async function readRecipes(project: FreshProject): Promise<Recipe[]> {
  const blocks = listBlocks(await readPage("clients.md"));
  const find = (name: string) => findBlock(blocks, name, "js");
  const plain = PLAIN.map((name) => describeRecipe(name, find(name)));
  const single = find("graphql-sse").replace("createClient({", "createClient({ singleConnection: true,");
  return [
    ...plain,
    describeRecipe("graphql-sse, single connection", single),
    describeRecipe("Relay", await compileRelay(project, find("Relay"))),
    describeRecipe(
      "React Native and Expo",
      await bundleForReactNative(project, find("React Native and Expo")),
    ),
    describeRecipe("curl", findBlock(blocks, "curl", "bash"), "bash"),
  ];
}

/** Start a recipe with its own URL and key. */
export async function startInProject(
  project: FreshProject,
  { slug, program, interpreter }: Recipe,
  { url, key }: { readonly url: string; readonly key: string },
): Promise<RunningRecipe> {
  const file = join(project.path, `${slug}-${randomUUID()}.js`);
  await writeFile(file, setConstants(program, url, key));
  const command = interpreter === "bash" ? "bash" : process.execPath;
  return startRecipe(command, [file], project.path);
}
