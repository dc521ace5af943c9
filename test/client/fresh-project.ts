import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);

/** The repository. */
export const ROOT = fileURLToPath(new URL("../..", import.meta.url));

/** Packages of `@noble` that the client depends on. */
export const NOBLE = ["ciphers", "curves", "hashes"];

const TOOLS = join(ROOT, "test/client/tools/node_modules");

/** Run npm outside the environment of an `npm test` around it. */
function npm(cwd: string, ...options: string[]) {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return run("npm", options, { cwd, env: Object.fromEntries(env) });
}

/** A project outside the repository, into which the packed client is installed. */
export type FreshProject = {
  readonly path: string;
  /** Write a file of the project. */
  write(name: string, text: string): Promise<void>;
  /** Run JavaScript in the project, without type stripping. @returns what it prints */
  runScript(source: string): Promise<string>;
  /**
   * Run a tool of `test/client/tools`, the gateway's own TypeScript as `tsc7`, or a script with `node`.
   *
   * @returns what it prints
   */
  runTool(name: string, args: readonly string[], folder?: string): Promise<string>;
  remove(): Promise<void>;
};

/**
 * Pack the client and install the tarball into an empty project. npm is offline and has an empty cache, so it fails
 * on any dependency besides `@noble`. The tools are in `node_modules` of the folder above.
 */
export async function createFreshProject(): Promise<FreshProject> {
  const folder = await mkdtemp(join(tmpdir(), "client-package-"));
  const path = join(folder, "project");
  await mkdir(path);
  await symlink(TOOLS, join(folder, "node_modules"));
  await writeFile(join(path, "package.json"), '{"private":true,"type":"module"}');
  const sources = NOBLE.map((name) => join(ROOT, "node_modules/@noble", name));
  await npm(ROOT, "pack", "--ignore-scripts", "--pack-destination", folder, ...sources);
  await npm(join(ROOT, "packages/client"), "pack", "--pack-destination", folder);
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  const options = ["--offline", "--no-audit", "--no-fund", "--cache", join(folder, "cache")];
  await npm(path, "install", ...options, ...tarballs.map((name) => join(folder, name)));
  return {
    path,
    async write(name, text) {
      await mkdir(join(path, name, ".."), { recursive: true });
      await writeFile(join(path, name), text);
    },
    async runScript(source) {
      await writeFile(join(path, "main.js"), source);
      const { stdout } = await run(process.execPath, ["--no-strip-types", "main.js"], { cwd: path });
      return stdout.trim();
    },
    async runTool(name, args, subfolder = ".") {
      const own: Readonly<Record<string, string>> = {
        node: process.execPath,
        tsc7: join(ROOT, "node_modules/.bin/tsc"),
      };
      const file = own[name] ?? join(TOOLS, ".bin", name);
      try {
        const { stdout } = await run(file, args, {
          cwd: join(path, subfolder),
          env: { ...process.env, NO_COLOR: "1" },
        });
        return stdout;
      } catch (error) {
        // tsc reports its errors on stdout, which is not in the message.
        const { stdout, stderr } = Object(error);
        throw new Error(`${name} fails: ${stdout}${stderr}`);
      }
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
