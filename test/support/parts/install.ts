/** `npm test` runs this script before the tests: it installs the missing parts where it can. */

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { isCi, listMissingParts, listPackages, writeInstallCommand } from "./parts.ts";

const APT_GET = "/usr/bin/apt-get";

const isRoot = process.getuid?.() === 0;

/** Run apt-get as root. A CI runner that is not root uses sudo; on other machines nobody is asked for a password. */
function runAptGet(...args: readonly string[]): void {
  const sudo = isRoot ? [] : ["sudo", "-n"];
  const [program = "", ...rest] = [...sudo, "env", "DEBIAN_FRONTEND=noninteractive", APT_GET, "-qq", ...args];
  const { status, stderr } = spawnSync(program, rest, { encoding: "utf8" });
  // Installers write notes to this stream that matter only when they fail.
  if (status !== 0) process.stderr.write(stderr ?? "");
}

const packages = listPackages(listMissingParts());
if (packages.length > 0 && (isRoot || isCi) && existsSync(APT_GET)) {
  process.stdout.write(`Installing what some tests need: apt-get install ${packages.join(" ")}\n`);
  runAptGet("update");
  runAptGet("install", "--yes", "--no-install-recommends", ...packages);
}

const missing = listMissingParts();
if (missing.length > 0 && isCi) {
  process.stderr.write(
    `CI=true and these parts are missing: ${missing.join(", ")}. Install them: ${writeInstallCommand(missing)}\n`,
  );
  process.exitCode = 1;
}
