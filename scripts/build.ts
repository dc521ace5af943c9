import { rmSync } from "node:fs";
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { type Plugin, rolldown } from "rolldown";

/*
 * Bundle the gateway with its packages into `dist/`, which the image runs. Argument: another folder. A bundle starts
 * faster than the sources and needs less memory, because Node loads fewer modules and strips no types.
 */

const ROOT = fileURLToPath(new URL("..", import.meta.url));

/** A reference to the script of a worker thread. */
const WORKER = /new URL\("(worker\.ts)", import\.meta\.url\)/;

/** Give each script of a worker thread a file of its own, and refer to that. */
const bundleWorkers: Plugin = {
  name: "workers",
  async transform(code, id) {
    const [reference, script] = WORKER.exec(code) ?? [];
    if (reference === undefined || script === undefined) return null;
    const worker = await this.resolve(`./${script}`, id);
    if (worker === null) return this.error(`${script} was not found.`);
    const name = `${basename(dirname(id))}-worker`;
    const file = this.emitFile({ type: "chunk", id: worker.id, name });
    return code.replace(reference, `new URL(import.meta.ROLLUP_FILE_URL_${file})`);
  },
};

/** Bundle packages that the sources load when they are needed. */
const bundleLateRequires: Plugin = {
  name: "late-requires",
  transform: (code) => code.replaceAll("createRequire(import.meta.url)(", "require("),
};

const output = process.argv[2] ?? `${ROOT}/dist`;
rmSync(output, { recursive: true, force: true });
const bundle = await rolldown({
  input: { main: `${ROOT}/src/main.ts` },
  platform: "node",
  plugins: [bundleWorkers, bundleLateRequires],
});
await bundle.write({ dir: output, format: "esm", chunkFileNames: "[name]-[hash].js" });
await bundle.close();
