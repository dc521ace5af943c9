import { readFileSync } from "node:fs";
import { isBuiltin } from "node:module";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const IMPORT =
  /^\s*(?:import|export)\b[^;"'`]*?from\s*["']([^"']+)["']|^\s*import\s*["']([^"']+)["']|\bimport\(\s*["']([^"']+)["']|\brequire\(\s*["']([^"']+)["']/gm;

function withoutComments(source: string): string {
  return source.replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
}

/** Every file that `entry` pulls in, @noble's included, and every specifier by which it does. */
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
      // Any other package is a finding already, so its own imports do not matter.
      if (specifier.startsWith("@noble/")) queue.push(import.meta.resolve(specifier));
      if (specifier.startsWith(".")) queue.push(new URL(specifier, href).href);
    }
  }
  return { files, specifiers };
}

const graph = walkImports(new URL("../../src/crypto/seal.ts", import.meta.url));

it("finds the graph at all", () => {
  const paths = [...graph.files.keys()].join("\n");
  for (const part of [
    "env-encryption.ts",
    "env-key-verification.ts",
    "@noble/ciphers/aes.js",
    "@noble/curves/ed25519.js",
  ]) {
    expect(paths).toContain(part);
  }
});

it("would find a Node import if there were one", () => {
  expect([...walkImports(new URL(import.meta.url)).specifiers].filter(isBuiltin)).toContain("node:fs");
});

it("imports nothing of Node, and no package but @noble", () => {
  const packages = [...graph.specifiers].filter((specifier) => !specifier.startsWith("."));
  expect(packages.filter((specifier) => isBuiltin(specifier))).toEqual([]);
  expect(packages.filter((specifier) => !specifier.startsWith("@noble/"))).toEqual([]);
});

it("stays inside its own folder", () => {
  const own = [...graph.files.keys()].filter((href) => !href.includes("/node_modules/"));
  expect(own.filter((href) => !href.includes("/src/crypto/"))).toEqual([]);
});

it("uses no global that only Node has", () => {
  const nodeGlobal = /(?<![.\w])(?:(?:Buffer|process)\.|setImmediate\(|__dirname)/;
  const users = [...graph.files].filter(([, source]) => nodeGlobal.test(source));
  expect(users.map(([href]) => href)).toEqual([]);
});
