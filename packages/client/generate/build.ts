import { execFileSync } from "node:child_process";
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createArtefacts, generatedFolder } from "./artefacts.ts";

/*
 * Builds dist: the compiled sources of this package, the sources of src/crypto that it needs in dist/crypto, and the
 * schema.
 */

const folder = fileURLToPath(new URL("..", import.meta.url));
const root = fileURLToPath(new URL("../../..", import.meta.url));
const dist = join(folder, "dist");
const compiled = join(dist, ".sources");

/** Where src/crypto is, seen from the one file that imports it. */
const CRYPTO_IMPORT = "../../../src/crypto/";

for (const [name, text] of await createArtefacts()) {
  const present = await readFile(new URL(name, generatedFolder), "utf8").catch(() => "");
  if (present !== text) throw new Error(`src/generated/${name} is out of date: run npm run generate:client.`);
}

await rm(dist, { recursive: true, force: true });
await mkdir(dist);
const tsc = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
execFileSync(process.execPath, [tsc, "--project", join(folder, "tsconfig.json")], { stdio: "inherit" });
for (const name of await readdir(join(compiled, "packages/client/src"))) {
  await rename(join(compiled, "packages/client/src", name), join(dist, name));
}
await rename(join(compiled, "src/crypto"), join(dist, "crypto"));
await rm(compiled, { recursive: true });
for (const name of ["seal.js", "seal.d.ts"]) {
  const text = await readFile(join(dist, name), "utf8");
  await writeFile(join(dist, name), text.replaceAll(CRYPTO_IMPORT, "./crypto/"));
}
// tsc leaves the extension .ts in declarations, which not every tool understands.
for (const name of await readdir(dist, { recursive: true })) {
  if (!name.endsWith(".d.ts")) continue;
  const text = await readFile(join(dist, name), "utf8");
  await writeFile(join(dist, name), text.replaceAll(/(from |import\()"(\.[^"]+)\.ts"/g, '$1"$2.js"'));
}
await cp(join(root, "schema.graphql"), join(dist, "schema.graphql"));
