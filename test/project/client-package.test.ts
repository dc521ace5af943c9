import { execFile } from "node:child_process";
import { cp, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decryptEnv } from "../../src/crypto/env-encryption.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../..", import.meta.url));
const binaries = join(root, "node_modules/.bin");

/** A project of its own that has nothing but the packed package and @noble. */
let project = "";

/** Packs as `npm pack` does: the same build, the same files, and the package's own description. */
beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "seal-package-"));
  const target = join(project, "node_modules/cvm-gateway");
  await mkdir(join(project, "node_modules/@noble"), { recursive: true });
  await run(join(binaries, "tsc"), [
    "--project",
    join(root, "tsconfig.seal.json"),
    "--outDir",
    join(target, "dist/seal"),
  ]);
  await cp(join(root, "package.json"), join(target, "package.json"));
  for (const name of ["ciphers", "curves", "hashes"]) {
    await symlink(join(root, "node_modules/@noble", name), join(project, "node_modules/@noble", name));
  }
  await writeFile(join(project, "package.json"), '{"type":"module"}');
}, 60_000);

afterAll(() => rm(project, { recursive: true, force: true }));

async function runScript(source: string): Promise<string> {
  await writeFile(join(project, "main.js"), source);
  const { stdout } = await run(process.execPath, ["--no-strip-types", "main.js"], { cwd: project });
  return stdout.trim();
}

describe("cvm-gateway/seal, installed as a package", () => {
  it("seals in plain JavaScript what the app's key opens", async () => {
    const { secretKey, publicKey } = x25519.keygen();
    const sealed = await runScript(`
      import { sealEnv } from "cvm-gateway/seal";
      console.log(sealEnv([{ key: "A", value: "bü" }], "0x${bytesToHex(publicKey).toUpperCase()}"));
    `);
    expect(decryptEnv(hexToBytes(sealed), secretKey)).toEqual([{ key: "A", value: "bü" }]);
  });

  it("verifies the published signature, and refuses it under another root key", async () => {
    const vectors = JSON.parse(await readFile(join(root, "test/vectors/kms-signature.json"), "utf8"));
    const { appId, publicKey, legacySignature, k256PublicKeyCompressed } = vectors.published;
    const verdicts = await runScript(`
      import { verifyEnvKey } from "cvm-gateway/seal";
      const claim = { appId: "${appId}", publicKey: "${publicKey}", signature: "${legacySignature}" };
      const keys = [["${k256PublicKeyCompressed}"], ["${vectors.generated.k256PublicKeyCompressed}"], []];
      console.log(JSON.stringify(keys.map((trustedRootKeys) => verifyEnvKey({ ...claim, trustedRootKeys }).verified)));
    `);
    expect(JSON.parse(verdicts)).toEqual([true, false, false]);
  });

  it("has types that fit", async () => {
    await writeFile(
      join(project, "main.ts"),
      `import { type EnvKeyResult, findEnvProblems, sealEnv, verifyEnvKey } from "cvm-gateway/seal";
       export const sealed: string = sealEnv([{ key: "A", value: "b" }], new Uint8Array(32));
       export const verdict: EnvKeyResult = verifyEnvKey({ appId: "", publicKey: "", signature: "", trustedRootKeys: [] });
       export const first: string | undefined = findEnvProblems([])[0]?.message;
       // @ts-expect-error a number is no public key
       sealEnv([], 1);`,
    );
    const options = [
      "--noEmit",
      "--strict",
      "--module",
      "nodenext",
      "--target",
      "es2022",
      "--types",
      "",
      "main.ts",
    ];
    await run(join(binaries, "tsc"), options, { cwd: project });
  });

  it("exports nothing else, and imports @noble and its own files alone", async () => {
    await expect(runScript('import "cvm-gateway/dist/seal/hex.js";')).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
    const folder = join(project, "node_modules/cvm-gateway/dist/seal");
    const files = (await readdir(folder)).filter((name) => name.endsWith(".js"));
    expect(files).toContain("seal.js");
    for (const file of files) {
      const source = await readFile(join(folder, file), "utf8");
      for (const [, specifier = ""] of source.matchAll(/from "([^"]+)"/g)) {
        expect(specifier).toMatch(/^(?:@noble\/|\.\/[\w-]+\.js$)/);
      }
    }
  });
});
