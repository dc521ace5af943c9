import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { x25519 } from "@noble/curves/ed25519.js";
import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { decryptEnv } from "../../src/crypto/env-encryption.ts";
import { createFreshProject, type FreshProject, NOBLE, ROOT } from "./fresh-project.ts";

let project: FreshProject;

beforeAll(async () => {
  project = await createFreshProject();
}, 180_000);

afterAll(() => project.remove());

const ENTRIES = ["", "/seal", "/documents", "/graphcache", "/possible-types", "/codegen", "/relay"];

describe("@cvm-gateway/client, installed from its tarball", () => {
  it("brings only @noble packages", async () => {
    const installed = await readdir(join(project.path, "node_modules"), { recursive: true });
    const packages = installed
      .filter((file) => /^@?[^/]+(?:\/[^/]+)?\/package\.json$/.test(file))
      .map((file) => file.replace("/package.json", ""));
    expect(packages.sort()).toEqual(["@cvm-gateway/client", ...NOBLE.map((name) => `@noble/${name}`)]);
    expect(installed.filter((file) => file.split("node_modules").length > 1)).toEqual([]);
  });

  it("depends on the versions of @noble that the gateway is tested with", async () => {
    const client = JSON.parse(await readFile(join(ROOT, "packages/client/package.json"), "utf8"));
    const gateway = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
    const tested = NOBLE.map((name) => [`@noble/${name}`, `^${gateway.dependencies[`@noble/${name}`]}`]);
    expect(client.dependencies).toEqual(Object.fromEntries(tested));
  });

  it("contains compiled sources that import @noble, Apollo Client and each other only", async () => {
    const installed = join(project.path, "node_modules/@cvm-gateway/client");
    expect((await readdir(installed)).sort()).toEqual(["LICENSE", "README.md", "dist", "package.json"]);
    const files = (await readdir(join(installed, "dist"), { recursive: true })).filter((name) =>
      /\.\w+$/.test(name),
    );
    expect(files.filter((name) => !/\.(?:js|d\.ts)$/.test(name))).toEqual(["schema.graphql"]);
    const crypto = (await readdir(join(ROOT, "src/crypto"))).map(
      (name) => `crypto/${name.replace(/\.ts$/, "")}`,
    );
    for (const file of files.filter((name) => name.startsWith("crypto/"))) {
      expect(crypto).toContain(file.replace(/\.(?:js|d\.ts)$/, ""));
    }
    const specifiers = new Set<string>();
    for (const file of files.filter((name) => name !== "schema.graphql")) {
      const source = (await readFile(join(installed, "dist", file), "utf8")).replaceAll(/^ *\*.*$/gm, "");
      for (const [, specifier = ""] of source.matchAll(/(?:from |import\()"([^"]+)"/g))
        specifiers.add(specifier);
    }
    const packages = [...specifiers].filter((specifier) => !/^\.\.?\/[\w./-]+\.js$/.test(specifier));
    expect(packages.filter((name) => !name.startsWith("@noble/")).sort()).toEqual([
      "@apollo/client",
      "@apollo/client/utilities",
    ]);
  });

  it("has its schema and nothing but its entries", async () => {
    const schema = 'createRequire(import.meta.url).resolve("@cvm-gateway/client/schema.graphql")';
    const path = await project.runScript(
      `import { createRequire } from "node:module"; console.log(${schema});`,
    );
    expect(await readFile(path, "utf8")).toBe(await readFile(join(ROOT, "schema.graphql"), "utf8"));
    await expect(project.runScript('import "@cvm-gateway/client/dist/seal.js";')).rejects.toThrow(
      "ERR_PACKAGE_PATH_NOT_EXPORTED",
    );
  });

  it("exports functions, documents and settings", async () => {
    const names = await project.runScript(
      `const entries = await Promise.all(${JSON.stringify(ENTRIES)}.map((name) => import("@cvm-gateway/client" + name)));
       console.log(JSON.stringify(entries.map((entry) => Object.keys(entry))));`,
    );
    const [main, seal, documents = [], ...others]: string[][] = JSON.parse(names);
    expect(main).toEqual(["CvmGatewayError", "createCvmClient"]);
    expect(seal).toEqual(["CryptoError", "findEnvProblems", "sealEnv", "verifyEnvKey"]);
    expect(documents).toEqual(expect.arrayContaining(["ConfigureCvmDocument", "ReadCvmDocument"]));
    expect(documents.every((name) => name.endsWith("Document"))).toBe(true);
    expect(others).toEqual([
      ["introspection", "keys"],
      ["possibleTypes"],
      ["scalars"],
      ["customScalarTypes"],
    ]);
  });

  it("seals an environment that the app's private key decrypts", async () => {
    const { secretKey, publicKey } = x25519.keygen();
    const sealed = await project.runScript(`
      import { sealEnv } from "@cvm-gateway/client/seal";
      console.log(sealEnv([{ key: "A", value: "bü" }], "0x${bytesToHex(publicKey).toUpperCase()}"));
    `);
    expect(decryptEnv(hexToBytes(sealed), secretKey)).toEqual([{ key: "A", value: "bü" }]);
  });

  it("verifies the signature that dstack published, and rejects it under another root key", async () => {
    const vectors = JSON.parse(await readFile(join(ROOT, "test/vectors/kms-signature.json"), "utf8"));
    const { appId, publicKey, legacySignature, k256PublicKeyCompressed } = vectors.published;
    const verdicts = await project.runScript(`
      import { verifyEnvKey } from "@cvm-gateway/client/seal";
      const input = { appId: "${appId}", publicKey: "${publicKey}", signature: "${legacySignature}" };
      const keys = [["${k256PublicKeyCompressed}"], ["${vectors.generated.k256PublicKeyCompressed}"], []];
      console.log(JSON.stringify(keys.map((trustedRootKeys) => verifyEnvKey({ ...input, trustedRootKeys }).verified)));
    `);
    expect(JSON.parse(verdicts)).toEqual([true, false, false]);
  });

  it("fails with a CryptoError only, which names the polyfill that a platform needs", async () => {
    const printed = await project.runScript(`
      const { TextEncoder, crypto } = globalThis;
      delete globalThis.TextEncoder;
      Object.defineProperty(globalThis, "crypto", { value: undefined, configurable: true });
      const { sealEnv, verifyEnvKey, findEnvProblems } = await import("@cvm-gateway/client/seal");
      const key = "09".padEnd(64, "0");
      const attempt = (action) => { try { return action(); } catch (error) { return error; } };
      const errors = [attempt(() => sealEnv([{ key: "A", value: "b" }], key))];
      globalThis.TextEncoder = TextEncoder;
      errors.push(attempt(() => sealEnv([{ key: "A", value: "b" }], key)));
      for (const bad of [null, undefined, 1, "x", {}, [null], [1], [{}], [{ key: "A" }]]) {
        errors.push(attempt(() => sealEnv(bad, key)), attempt(() => sealEnv([], bad)), attempt(() => verifyEnvKey(bad)));
      }
      errors.push(attempt(() => findEnvProblems(null)));
      console.log(JSON.stringify(errors.map((error) => [error.name, error.reason, error.message])));
    `);
    const errors: string[][] = JSON.parse(printed);
    expect(new Set(errors.map(([name]) => name))).toEqual(new Set(["CryptoError"]));
    expect(errors[0]).toMatchObject(["CryptoError", "missing-platform-api", /fast-text-encoding/]);
    expect(errors[1]).toMatchObject([
      "CryptoError",
      "missing-platform-api",
      /react-native-get-random-values/,
    ]);
  });

  it("ships types that match", async () => {
    await project.write(
      "types.ts",
      `import { type ConfigureState, createCvmClient, CvmGatewayError, type SignTransaction } from "@cvm-gateway/client";
       import { ConfigureCvmDocument, ReadCvmDocument } from "@cvm-gateway/client/documents";
       import { type EnvKeyResult, findEnvProblems, sealEnv, verifyEnvKey } from "@cvm-gateway/client/seal";
       export const sealed: string = sealEnv([{ key: "A", value: "b" }], new Uint8Array(32));
       export const result: EnvKeyResult = verifyEnvKey({ appId: "", publicKey: "", signature: "", trustedRootKeys: [] });
       export const first: string | undefined = findEnvProblems([])[0]?.message;
       // @ts-expect-error a number is not a public key
       sealEnv([], 1);
       const client = createCvmClient({ url: "https://gateway.test/graphql", headers: async () => ({ "x-api-key": "k" }) });
       export async function use(sign: SignTransaction, state: ConfigureState): Promise<number | null | undefined> {
         const { cvm } = await client.query(ReadCvmDocument, { id: "web" });
         // @ts-expect-error the variable is missing
         await client.query(ReadCvmDocument);
         // @ts-expect-error a text is not a number
         await client.query(ConfigureCvmDocument, { input: { id: "web", vcpu: "4" } });
         const { a } = await client.query<{ a: number }>("{ a }");
         const operation = await client.configure({ id: "web", env: [{ key: "A", value: "b" }] }, { sign });
         if (operation.correlationId !== null) console.log(operation.status, operation.durationMs, a);
         for await (const { status } of client.watch("web")) if (status === "RUNNING") break;
         await client.resume(state).catch((error: unknown) => error instanceof CvmGatewayError && error.fields[0]?.path);
         return cvm?.resources.vcpu;
       }`,
    );
    const options = ["--noEmit", "--strict", "--target", "es2022", "--lib", "es2022,dom", "--types", ""];
    await project.runTool("tsc7", [...options, "--module", "nodenext", "types.ts"]);
    await project.runTool("tsc7", [...options, "--module", "preserve", "types.ts"]);
  });
});
