import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
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
const NOBLE = ["ciphers", "curves", "hashes"];

/** A temporary folder. `project` is an empty project in it, into which the tarball is installed. */
let folder = "";
let project = "";

/** Run npm outside the environment of an `npm test` around it. */
function npm(cwd: string, ...options: string[]) {
  const env = Object.entries(process.env).filter(([name]) => !name.startsWith("npm_"));
  return run("npm", options, { cwd, env: Object.fromEntries(env) });
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "client-package-"));
  project = join(folder, "project");
  await mkdir(project);
  await writeFile(join(project, "package.json"), '{"private":true,"type":"module"}');
  const sources = NOBLE.map((name) => join(root, "node_modules/@noble", name));
  await npm(root, "pack", "--ignore-scripts", "--pack-destination", folder, ...sources);
  await npm(join(root, "packages/client"), "pack", "--pack-destination", folder);
  const tarballs = (await readdir(folder)).filter((name) => name.endsWith(".tgz"));
  // Offline and with an empty cache, npm fails on any dependency that is not one of these tarballs.
  const options = ["--offline", "--no-audit", "--no-fund", "--cache", join(folder, "cache")];
  await npm(project, "install", ...options, ...tarballs.map((name) => join(folder, name)));
}, 120_000);

afterAll(() => rm(folder, { recursive: true, force: true }));

async function runScript(source: string): Promise<string> {
  await writeFile(join(project, "main.js"), source);
  const { stdout } = await run(process.execPath, ["--no-strip-types", "main.js"], { cwd: project });
  return stdout.trim();
}

describe("@cvm-gateway/client, installed from its tarball", () => {
  it("brings only @noble packages", async () => {
    const installed = await readdir(join(project, "node_modules"), { recursive: true });
    const packages = installed
      .filter((file) => /^@?[^/]+(?:\/[^/]+)?\/package\.json$/.test(file))
      .map((file) => file.replace("/package.json", ""));
    expect(packages.sort()).toEqual(["@cvm-gateway/client", ...NOBLE.map((name) => `@noble/${name}`)]);
    expect(installed.filter((file) => file.split("node_modules").length > 1)).toEqual([]);
  });

  it("depends on the versions of @noble that the gateway is tested with", async () => {
    const client = JSON.parse(await readFile(join(root, "packages/client/package.json"), "utf8"));
    const gateway = JSON.parse(await readFile(join(root, "package.json"), "utf8"));
    const tested = NOBLE.map((name) => [`@noble/${name}`, `^${gateway.dependencies[`@noble/${name}`]}`]);
    expect(client.dependencies).toEqual(Object.fromEntries(tested));
  });

  it("contains the compiled sealing kit and no other source of the gateway", async () => {
    const installed = join(project, "node_modules/@cvm-gateway/client");
    const files = await readdir(installed);
    expect(files.sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
    const sources = (await readdir(join(root, "src/crypto"))).map((name) => name.replace(/\.ts$/, ""));
    const compiled = await readdir(join(installed, "dist"));
    expect(compiled).toContain("seal.js");
    for (const file of compiled) expect(sources).toContain(file.replace(/\.(?:js|d\.ts)$/, ""));
    for (const file of compiled.filter((name) => name.endsWith(".js"))) {
      const source = await readFile(join(installed, "dist", file), "utf8");
      for (const [, specifier = ""] of source.matchAll(/from "([^"]+)"/g)) {
        expect(specifier).toMatch(/^(?:@noble\/|\.\/[\w-]+\.js$)/);
      }
    }
  });

  it("exports the sealing kit only", async () => {
    const names = await runScript(`
      import * as kit from "@cvm-gateway/client/seal";
      console.log(Object.keys(kit).join());
    `);
    expect(names).toBe("CryptoError,findEnvProblems,sealEnv,verifyEnvKey");
    await expect(runScript('import "@cvm-gateway/client/dist/seal.js";')).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
  });

  it("seals an environment that the app's private key decrypts", async () => {
    const { secretKey, publicKey } = x25519.keygen();
    const sealed = await runScript(`
      import { sealEnv } from "@cvm-gateway/client/seal";
      console.log(sealEnv([{ key: "A", value: "bü" }], "0x${bytesToHex(publicKey).toUpperCase()}"));
    `);
    expect(decryptEnv(hexToBytes(sealed), secretKey)).toEqual([{ key: "A", value: "bü" }]);
  });

  it("verifies the signature that dstack published, and rejects it under another root key", async () => {
    const vectors = JSON.parse(await readFile(join(root, "test/vectors/kms-signature.json"), "utf8"));
    const { appId, publicKey, legacySignature, k256PublicKeyCompressed } = vectors.published;
    const verdicts = await runScript(`
      import { verifyEnvKey } from "@cvm-gateway/client/seal";
      const input = { appId: "${appId}", publicKey: "${publicKey}", signature: "${legacySignature}" };
      const keys = [["${k256PublicKeyCompressed}"], ["${vectors.generated.k256PublicKeyCompressed}"], []];
      console.log(JSON.stringify(keys.map((trustedRootKeys) => verifyEnvKey({ ...input, trustedRootKeys }).verified)));
    `);
    expect(JSON.parse(verdicts)).toEqual([true, false, false]);
  });

  it("ships types that match", async () => {
    await writeFile(
      join(project, "main.ts"),
      `import { type EnvKeyResult, findEnvProblems, sealEnv, verifyEnvKey } from "@cvm-gateway/client/seal";
       export const sealed: string = sealEnv([{ key: "A", value: "b" }], new Uint8Array(32));
       export const result: EnvKeyResult = verifyEnvKey({ appId: "", publicKey: "", signature: "", trustedRootKeys: [] });
       export const first: string | undefined = findEnvProblems([])[0]?.message;
       // @ts-expect-error a number is not a public key
       sealEnv([], 1);`,
    );
    const options = ["--noEmit", "--strict", "--module", "nodenext", "--target", "es2022", "--types", ""];
    await run(join(root, "node_modules/.bin/tsc"), [...options, "main.ts"], { cwd: project });
  });
});
