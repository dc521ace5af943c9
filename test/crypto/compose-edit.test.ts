import { existsSync, readFileSync } from "node:fs";
import { bytesToHex } from "@noble/hashes/utils.js";
import { describe, expect, it, test } from "vitest";
import { z } from "zod";
import { editAppCompose, findMeasuredText } from "../../src/crypto/compose-edit.ts";
import { hashAppCompose } from "../../src/crypto/compose-hash.ts";
import { expectCryptoError } from "../support/expect-crypto-error.ts";

const changes = z.record(z.string(), z.unknown());
const vectorsFile = new URL("../vectors/compose-forms.json", import.meta.url);
const vectors = z
  .array(
    z.object({
      name: z.string(),
      text: z.string(),
      sha256: z.string(),
      object: z.string(),
      knownWithoutText: z.boolean(),
      change: changes,
      changedText: z.string(),
      changedSha256: z.string(),
    }),
  )
  .parse(JSON.parse(readFileSync(vectorsFile, "utf8")));

const toHash = (text: string) => bytesToHex(hashAppCompose(text));

describe("the app-composes that Python wrote", () => {
  it("are complete", () => {
    expect(vectors).toHaveLength(71);
  });

  test.each(vectors)("$name: the changed text has the bytes that Python writes", (vector) => {
    const { text, sha256, change, changedText, changedSha256 } = vector;
    expect(findMeasuredText(text, sha256)).toBe(text);
    expect(editAppCompose(text, change, "kept")).toBe(changedText);
    expect(toHash(changedText)).toBe(changedSha256);
  });

  test.each(vectors.filter(({ name }) => name.endsWith(" text")))(
    "$name: the measured text is found from the object where the form is a known one",
    ({ object, sha256, text, knownWithoutText }) => {
      expect(findMeasuredText(object, sha256)).toBe(knownWithoutText ? text : null);
    },
  );
});

/** App-composes that really ran. They are not part of this repository. */
const realFile = new URL("../../../shared/vectors/real-app-compose.json", import.meta.url);

describe.skipIf(!existsSync(realFile))("app-composes that really ran", () => {
  it("have their measured hash when unchanged, and get it back when a change is undone", () => {
    const real = z
      .array(z.object({ form: z.string(), sha256: z.string(), text: z.string() }))
      .parse(JSON.parse(readFileSync(realFile, "utf8")));
    expect(real).toHaveLength(3);
    for (const { text, sha256 } of real) {
      const { name } = z.object({ name: z.string() }).parse(JSON.parse(text));
      expect(toHash(text)).toBe(sha256);
      expect(findMeasuredText(text, sha256)).toBe(text);
      expect(editAppCompose(text, {}, "dropped")).toBe(text);
      expect(editAppCompose(text, { name }, "dropped")).toBe(text);
      const renamed = editAppCompose(text, { name: "other" }, "dropped") ?? "";
      expect(toHash(renamed)).not.toBe(sha256);
      expect(toHash(editAppCompose(renamed, { name }, "dropped") ?? "")).toBe(sha256);
    }
  });
});

describe("the text of an app-compose", () => {
  it("keeps the digits and escapes of members that do not change", () => {
    const text = '{"a":1.0,"b":123456789012345678901234567890,"c":"\\u00e9\\/","d":1E+2,"name":"x"}';
    expect(editAppCompose(text, { name: "y" }, "kept")).toBe(text.replace('"x"', '"y"'));
  });

  it("keeps a member whose value is the same in another spelling", () => {
    const text = '{"name":"\\u0065t\\u00e9"}';
    expect(editAppCompose(text, { name: "eté" }, "kept")).toBe(text);
  });

  it("stays as it is in any layout if nothing changes", () => {
    const text = '{"a":1, "b":2,\n"name":"x"}\n';
    expect(editAppCompose(text, { name: "x", pre_launch_script: "" }, "dropped")).toBe(text);
  });

  it("gets a new member in order if its names are sorted, and at the end otherwise", () => {
    expect(editAppCompose('{"a":1,"c":2}', { b: 3 }, "kept")).toBe('{"a":1,"b":3,"c":2}');
    expect(editAppCompose('{"c":1,"a":2}', { b: 3 }, "kept")).toBe('{"c":1,"a":2,"b":3}');
  });

  it("loses an empty script or keeps it, as the caller says, and keeps one that was empty before", () => {
    const text = '{"a":1,"pre_launch_script":"x"}';
    const change = { pre_launch_script: "" };
    expect(editAppCompose(text, change, "dropped")).toBe('{"a":1}');
    expect(editAppCompose(text, change, "kept")).toBe('{"a":1,"pre_launch_script":""}');
    expect(editAppCompose('{"a":1}', change, "dropped")).toBe('{"a":1}');
    const empty = '{"a":1,"pre_launch_script":""}';
    expect(editAppCompose(empty, change, "dropped")).toBe(empty);
    expect(editAppCompose('{"pre_launch_script":null}', change, "dropped")).toBe(
      '{"pre_launch_script":null}',
    );
  });

  it("is found with an empty script kept or dropped", () => {
    const object = '{"pre_launch_script":"","name":"x"}';
    const kept = '{"name":"x","pre_launch_script":""}';
    expect(findMeasuredText(object, toHash(kept))).toBe(kept);
    expect(findMeasuredText(object, toHash('{"name":"x"}'))).toBe('{"name":"x"}');
  });

  it.each([
    ["no regular layout", '{"a":1, "b":2,"c":3}'],
    ["an indent that changes", '{\n  "a": 1,\n   "b": 2\n}'],
    ["a name twice", '{"a":1,"a":2}'],
    ["a list", "[1]"],
    ["a line feed at its end", '{"a":1}\n'],
  ])("is not changed if it has %s", (_, text) => {
    expect(editAppCompose(text, { name: "x" }, "kept")).toBeNull();
  });

  it("is rejected without a quote if it is not JSON or nested too deep", () => {
    const error = expectCryptoError(() => editAppCompose('{"canary', {}, "kept"), "bad-json");
    expect(error.message).not.toContain("canary");
    const deep = "[".repeat(50_000) + "]".repeat(50_000);
    expectCryptoError(() => findMeasuredText(deep, "00".repeat(32)), "bad-json");
    expectCryptoError(() => editAppCompose('{"a":1}', { a: "\ud800" }, "kept"), "bad-text");
  });
});
