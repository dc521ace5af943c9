import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const ANVIL = fileURLToPath(
  new URL("../../../node_modules/@foundry-rs/anvil-linux-amd64/bin", import.meta.url),
);

/** Where install.ts puts programs that it takes out of a package. */
export const PARTS_FOLDER = fileURLToPath(new URL("../../../node_modules/.parts", import.meta.url));

/** Package with the tools of client teams. The gateway does not install it. */
export const CLIENT_TOOLS = fileURLToPath(new URL("../../client/tools", import.meta.url));

/** The example console, a package of its own. */
export const CONSOLE = fileURLToPath(new URL("../../../examples/console", import.meta.url));

/** Programs that some tests need besides npm's packages: where they are, and what installs them on Debian. */
const parts = {
  chromium: { folders: [], debianPackage: "chromium" },
  curl: { folders: [], debianPackage: "curl" },
  "redis-server": { folders: [], debianPackage: "redis-server" },
  openssl: { folders: [], debianPackage: "openssl" },
  nginx: { folders: ["/usr/sbin"], debianPackage: "nginx-light" },
  // From the package prometheus, without the package itself, which would start a service: see install.ts.
  promtool: { folders: [PARTS_FOLDER], debianPackage: null },
  // One of the packages of test/client/tools, which stands for all of them.
  "relay-compiler": { folders: [join(CLIENT_TOOLS, "node_modules/.bin")], debianPackage: null },
  // One of the packages of examples/console, which stands for all of them.
  "graphql-codegen": { folders: [join(CONSOLE, "node_modules/.bin")], debianPackage: null },
  // npm installs anvil as an optional dependency, on linux/amd64 only.
  anvil: { folders: [ANVIL], debianPackage: null },
} as const;

/** A program that some tests need. It is also the tag of those tests: `{ tags: ["nginx"] }`. */
export type Part = keyof typeof parts;

/** Every part. */
export const PARTS: readonly Part[] = [
  "chromium",
  "curl",
  "redis-server",
  "openssl",
  "nginx",
  "promtool",
  "relay-compiler",
  "graphql-codegen",
  "anvil",
];

/** Return the path of a part; null if it is not installed. */
function findPart(part: Part): string | null {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), ...parts[part].folders];
  for (const folder of folders) {
    const path = join(folder, part);
    try {
      accessSync(path, constants.X_OK);
      return path;
    } catch {
      // Look in the next folder.
    }
  }
  return null;
}

/** Return the parts that are not installed. */
export function listMissingParts(): Part[] {
  return PARTS.filter((part) => findPart(part) === null);
}

/** Return the Debian packages of these parts. */
export function listPackages(missing: readonly Part[]): string[] {
  return missing.flatMap((part) => parts[part].debianPackage ?? []);
}

/** Return the command that installs these parts. */
export function writeInstallCommand(missing: readonly Part[]): string {
  const packages = listPackages(missing);
  const commands = packages.length > 0 ? [`apt-get install ${packages.join(" ")}`] : [];
  if (missing.includes("promtool")) commands.push("apt-get install prometheus (promtool)");
  if (missing.includes("relay-compiler")) commands.push("npm ci --prefix test/client/tools");
  if (missing.includes("graphql-codegen")) commands.push("npm ci --prefix examples/console");
  if (missing.includes("anvil")) commands.push("npm ci on linux/amd64 (anvil)");
  return commands.join("; ");
}

/** Return the path of a part. @throws with the command that installs it, if it is not installed. */
export function requirePart(part: Part): string {
  const path = findPart(part);
  if (path === null) throw new Error(`This test needs ${part}. Install it: ${writeInstallCommand([part])}`);
  return path;
}

/** With `CI=true`, a missing part is an error: its tests run and fail instead of being skipped. */
export const isCi = process.env["CI"] === "true";
