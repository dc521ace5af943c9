import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const IMPORT =
  /^\s*(?:import|export)\b[^;"'`]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|\brequire\(\s*["']([^"']+)["']/gm;

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** List every file that `entry` imports, directly or not and including @noble, and every specifier. */
function walkImports(entry: URL): { files: Map<string, string>; specifiers: Set<string> } {
  const files = new Map<string, string>();
  const specifiers = new Set<string>();
  const queue = [entry.href];
  for (let href = queue.pop(); href !== undefined; href = queue.pop()) {
    if (files.has(href)) continue;
    const source = withoutComments(readFileSync(fileURLToPath(href), "utf8"));
    files.set(href, source);
    for (const match of source.matchAll(IMPORT)) {
      const specifier = match.slice(1).find((group) => group !== undefined) ?? "";
      specifiers.add(specifier);
      // Any other package fails the test below, so its own imports do not matter.
      if (specifier.startsWith("@noble/")) queue.push(import.meta.resolve(specifier));
      if (specifier.startsWith(".")) queue.push(new URL(specifier, href).href);
    }
  }
  return { files, specifiers };
}

const graph = walkImports(new URL("../../src/crypto/seal.ts", import.meta.url));

it("finds the files of the sealing kit and of @noble", () => {
  const paths = [...graph.files.keys()].join("\n");
  for (const part of [
    "env-encryption.ts",
    "env-key-verification.ts",
    "@noble/ciphers/aes.js",
    "@noble/curves/abstract/montgomery.js",
  ]) {
    expect(paths).toContain(part);
  }
});

it("finds an import of a Node module in a file that has one", () => {
  expect([...walkImports(new URL(import.meta.url)).specifiers].filter(isBuiltin)).toContain("node:fs");
});

it("imports no Node module and only @noble packages", () => {
  const packages = [...graph.specifiers].filter((specifier) => !specifier.startsWith("."));
  expect(packages.filter((specifier) => isBuiltin(specifier))).toEqual([]);
  expect(packages.filter((specifier) => !specifier.startsWith("@noble/"))).toEqual([]);
});

it("imports no file outside src/crypto", () => {
  const own = [...graph.files.keys()].filter((href) => !href.includes("/node_modules/"));
  expect(own.filter((href) => !href.includes("/src/crypto/"))).toEqual([]);
});

it("uses no global of Node", () => {
  const nodeGlobal = /(?<![.\w])(?:(?:Buffer|process)\.|setImmediate\(|__dirname)/;
  const users = [...graph.files].filter(([, source]) => nodeGlobal.test(source));
  expect(users.map(([href]) => href)).toEqual([]);
});
