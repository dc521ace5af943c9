/** `npm test` runs this script before the tests: it installs the missing parts where it can. */

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  CLIENT_TOOLS,
  CONSOLE,
  isCi,
  listMissingParts,
  listPackages,
  PARTS_FOLDER,
  writeInstallCommand,
} from "./parts.ts";

const APT_GET = "/usr/bin/apt-get";

const ROOT = fileURLToPath(new URL("../../..", import.meta.url));

const isRoot = process.getuid?.() === 0;

/** Run apt-get as root. A CI runner that is not root uses sudo; on other machines nobody is asked for a password. */
function runAptGet(...args: readonly string[]): void {
  const sudo = isRoot ? [] : ["sudo", "-n"];
  const [program = "", ...rest] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", APT_GET, "-qq", ...args];
  const { status, stderr } = spawnSync(program, rest, { encoding: "utf8" });
  // Installers write notes to this stream that matter only when they fail.
  if (status !== 0) process.stderr.write(stderr ?? "");
}

/** Run a program in a folder. @returns whether it succeeded */
function run(folder: string, program: string, ...args: readonly string[]): boolean {
  return spawnSync(program, args, { cwd: folder, stdio: "ignore" }).status === 0;
}

/** Take promtool out of Debian's package prometheus. Installing the package would start a service. */
function extractPromtool(): void {
  const folder = mkdtempSync(join(tmpdir(), "cvm-gateway-promtool-"));
  run(folder, APT_GET, "download", "prometheus");
  const [archive] = readdirSync(folder);
  if (archive !== undefined && run(folder, "dpkg-deb", "--extract", archive, "files")) {
    mkdirSync(PARTS_FOLDER, { recursive: true });
    run(folder, "cp", "files/usr/bin/promtool", PARTS_FOLDER);
  }
  rmSync(folder, { recursive: true });
}

/** Whether the packages of a folder were installed before their lock file changed. */
function areOutdated(folder: string): boolean {
  const [wanted, installed] = ["package-lock.json", "node_modules/.package-lock.json"].map((name) =>
    statSync(join(folder, name), { throwIfNoEntry: false }),
  );
  return (wanted?.mtimeMs ?? 0) > (installed?.mtimeMs ?? 0);
}

/** Install the packages of a folder that has a lock file of its own. */
function installPackages(folder: string): void {
  process.stdout.write(`Installing what some tests need: npm ci --prefix ${relative(ROOT, folder)}\n`);
  run(folder, "npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund");
}

const found = listMissingParts();
const packages = listPackages(found);
const lacksPromtool = found.includes("promtool");
if ((packages.length > 0 || lacksPromtool) && (isRoot || isCi) && existsSync(APT_GET)) {
  const names = [...packages, ...(lacksPromtool ? ["promtool (from prometheus)"] : [])];
  process.stdout.write(`Installing what some tests need: ${names.join(" ")}\n`);
  runAptGet("update");
  if (packages.length > 0) runAptGet("install", "--yes", "--no-install-recommends", ...packages);
  if (lacksPromtool) extractPromtool();
}

if (found.includes("relay-compiler") || areOutdated(CLIENT_TOOLS)) installPackages(CLIENT_TOOLS);
if (found.includes("graphql-codegen") || areOutdated(CONSOLE)) installPackages(CONSOLE);

const missing = listMissingParts();
if (missing.length > 0 && isCi) {
  process.stderr.write(
    `CI=true and these parts are missing: ${missing.join(", ")}. Install them: ${writeInstallCommand(missing)}\n`,
  );
  process.exitCode = 1;
}
