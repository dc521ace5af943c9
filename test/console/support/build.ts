import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { TestProject } from "vitest/node";
import { CONSOLE, listMissingParts } from "../../support/parts/parts.ts";

const run = promisify(execFile);

declare module "vitest" {
  interface ProvidedContext {
    /** Folder with the built console. Empty if its packages are not installed. */
    consoleFolder: string;
  }
}

/** Build the console once for all test files of this folder. */
export async function setup(project: TestProject): Promise<(() => Promise<void>) | undefined> {
  if (listMissingParts().includes("graphql-codegen")) {
    project.provide("consoleFolder", "");
    return undefined;
  }
  const folder = await mkdtemp(join(tmpdir(), "cvm-console-"));
  const vite = join(CONSOLE, "node_modules/vite/bin/vite.js");
  const args = [vite, "build", "--outDir", folder, "--emptyOutDir", "--logLevel", "error"];
  // vitest sets NODE_ENV, with which the build would be one for development.
  await run(process.execPath, args, { cwd: CONSOLE, env: { ...process.env, NODE_ENV: "production" } });
  project.provide("consoleFolder", folder);
  return () => rm(folder, { recursive: true, force: true });
}
