import { readFileSync } from "node:fs";
import { bytesToHex } from "@noble/hashes/utils.js";
import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { composeForms, hashAppCompose, serializeAppCompose } from "../../src/crypto/compose-hash.ts";
import { writeJsonText } from "../../src/crypto/json-text.ts";
import { sortJson, toPythonJson } from "../../src/crypto/python-json.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";
import { pickByTier } from "../support/tier.ts";
import vectors from "../vectors/compose-hash.json" with { type: "json" };

const pythonFile = new URL("../vectors/python-json.json", import.meta.url);
const pythonVectors = z
  .array(z.object({ value: z.unknown(), text: z.string(), sha256: z.string() }))
  .parse(JSON.parse(readFileSync(pythonFile, "utf8")));

const { compact, indented, indentedUnsorted } = composeForms;

/** Write a value as Python's `json.dumps` does with sorted keys and an indent of four spaces. */
function formatIndented(value: unknown): string {
  return writeJsonText(sortJson(toPythonJson("value", value)), indented);
}

describe("the vectors that Python made", () => {
  it("are complete", () => {
    expect(vectors).toHaveLength(5);
    expect(pythonVectors).toHaveLength(300);
  });

  test.each(vectors)("app-compose: $name", (vector) => {
    const { appCompose, indentedText, indentedSha256, compactText, compactSha256 } = vector;
    expect(serializeAppCompose(appCompose, indented)).toBe(indentedText);
    expect(bytesToHex(hashAppCompose(indentedText))).toBe(indentedSha256);
    expect(serializeAppCompose(appCompose, compact)).toBe(compactText);
    expect(bytesToHex(hashAppCompose(compactText))).toBe(compactSha256);
  });

  it("match for any JSON value", () => {
    for (const { value, text, sha256 } of pythonVectors) {
      expect(formatIndented(value)).toBe(text);
      expect(bytesToHex(hashAppCompose(text))).toBe(sha256);
    }
  });
});

describe("serializeAppCompose", () => {
  const demo = {
    manifest_version: 2,
    name: "demo",
    runner: "docker-compose",
    docker_compose_file: "services:\n  app:\n    image: nginx\n",
    allowed_envs: [],
    features: ["kms", "tproxy-net"],
    public_logs: true,
  };
  const demoHash = "9a9e3f71436bcd69c3fbe121ca002590c96507996e10ac6e670fd91a548e7d6c";
  const serialize = (appCompose: Record<string, unknown>) => serializeAppCompose(appCompose, indented);

  it("gives the measured hash of a known app-compose, in any order of its keys", () => {
    expect(bytesToHex(hashAppCompose(serialize(demo)))).toBe(demoHash);
    const reversed = Object.fromEntries(Object.entries(demo).reverse());
    expect(bytesToHex(hashAppCompose(serialize(reversed)))).toBe(demoHash);
  });

  test.each(["", null, undefined])("leaves out a pre_launch_script of %j", (pre_launch_script) => {
    expect(serialize({ ...demo, pre_launch_script })).toBe(serialize(demo));
  });

  it("keeps a pre_launch_script with text, and an empty one in a nested object", () => {
    expect(serialize({ pre_launch_script: "#!" })).toBe('{\n    "pre_launch_script":"#!"\n}');
    expect(serialize({ a: { pre_launch_script: "" } })).toContain('"pre_launch_script":""');
  });

  it("leaves out members that are undefined and keeps members that are null", () => {
    expect(serialize({ b: undefined, a: null })).toBe('{\n    "a":null\n}');
  });

  it("keeps the order of all members in an unsorted form", () => {
    const text = serializeAppCompose({ b: [], a: { d: 1, c: [true] } }, indentedUnsorted);
    expect(text).toBe(
      '{\n    "b": [],\n    "a": {\n        "d": 1,\n        "c": [\n            true\n        ]\n    }\n}',
    );
  });

  it("does not change text that looks like JSON", () => {
    const text = serialize({ docker_compose_file: 'labels: {"a.b": "c"}' });
    expect(text).toBe('{\n    "docker_compose_file":"labels: {\\"a.b\\": \\"c\\"}"\n}');
  });

  it("writes a bigint as an integer", () => {
    expect(serialize({ n: 2n ** 64n })).toBe('{\n    "n":18446744073709551616\n}');
  });

  test.each([
    ["NaN", Number.NaN, "bad-number"],
    ["Infinity", Number.POSITIVE_INFINITY, "bad-number"],
    ["an integer beyond 2^53", 2 ** 53, "bad-number"],
    ["a lone surrogate", "canary\ud800", "bad-text"],
    ["a lone surrogate as a key", { "canary\udc00": 1 }, "bad-text"],
    ["a date", new Date(0), "bad-json"],
    ["a map", new Map([["canary", 1]]), "bad-json"],
    ["a function", () => "canary", "bad-json"],
    ["a symbol", Symbol("canary"), "bad-json"],
    ["undefined in a list", [undefined], "bad-json"],
    ["a hole in a list", new Array(1), "bad-json"],
  ] as const)("throws on %s without quoting it", (_, value, reason) => {
    const error = expectCryptoError(() => serialize({ nested: [value] }), reason);
    expect(error.message).not.toContain("canary");
  });

  it("throws on a cycle and on deep nesting, without a stack overflow", () => {
    const cyclic: { self?: unknown } = {};
    cyclic.self = cyclic;
    expectCryptoError(() => serialize(cyclic), "bad-json");
    const deep: unknown = JSON.parse("[".repeat(50_000) + "]".repeat(50_000));
    expectCryptoError(() => serialize({ deep }), "bad-json");
  });
});

/** A second implementation with JSON.stringify: sort by UTF-8 bytes, remove the space after colons. */
function formatByReference(value: unknown): string {
  const sorted = JSON.stringify(sortKeys(value), null, 4);
  return sorted
    .split("\n")
    .map((line) => line.replace(/^( *"(?:[^"\\]|\\.)*": )/, (key) => key.slice(0, -1)))
    .join("\n");
}

function sortKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortKeys);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
  // Without the prefix JavaScript moves keys that look like integers to the front.
  return Object.fromEntries(entries.map(([key, member]) => [`#${key}`, sortKeys(member)]));
}

it("agrees with a second implementation on any JSON without floats", () => {
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.constant(null),
      fc.boolean(),
      fc.integer(),
      fc.string({ unit: "binary" }),
      fc.array(tie("tree"), { maxLength: 4 }),
      fc.dictionary(fc.string({ unit: "binary" }), tie("tree"), { maxKeys: 5 }),
    ),
  }));
  fc.assert(
    fc.property(tree, (value) => {
      // The keys of the reference have a prefix, so these get it too. It does not change their order.
      expect(formatIndented(prefixKeys(value))).toBe(formatByReference(value));
    }),
    { numRuns: pickByTier(500, 20_000) },
  );
});

function prefixKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(prefixKeys);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [`#${key}`, prefixKeys(member)]));
}

describe("hashAppCompose", () => {
  it("hashes the exact bytes of the text", () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(bytesToHex(hashAppCompose(""))).toBe(empty);
    expect(hashAppCompose('{"a":1}')).not.toEqual(hashAppCompose('{"a":1}\n'));
  });

  it("throws on text that has no UTF-8 form", () => {
    expectCryptoError(() => hashAppCompose("\ud800"), "bad-text");
  });
});
