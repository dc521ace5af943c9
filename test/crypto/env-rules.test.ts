import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import { ENV_LIMITS, findEnvProblems, isEnvKey } from "../../src/crypto/env-rules.ts";
import type { EnvVar } from "../../src/crypto/types.ts";

/** Variables with valid, distinct keys of 5 bytes. */
function makeEnv(count: number, value = ""): EnvVar[] {
  return Array.from({ length: count }, (_, index) => ({ key: `K${1000 + index}`, value }));
}

describe("findEnvProblems", () => {
  it("finds no problem in an empty or an ordinary environment", () => {
    expect(findEnvProblems([])).toEqual([]);
    const env = [
      { key: "_", value: "" },
      { key: "API_KEY2", value: "zażółć ☃ 🚀\n\u0000" },
    ];
    expect(findEnvProblems(env)).toEqual([]);
  });

  it("allows 1024 variables, and reports only the count when there are more", () => {
    expect(findEnvProblems(makeEnv(1024))).toEqual([]);
    const tooMany = [...makeEnv(1024), { key: "1 bad", value: "" }];
    expect(findEnvProblems(tooMany)).toEqual([
      { index: null, key: null, message: "There are 1025 variables; at most 1024 are allowed." },
    ]);
  });

  it("allows a key of at most 255 bytes", () => {
    expect(findEnvProblems([{ key: "k".repeat(255), value: "" }])).toEqual([]);
    expect(findEnvProblems([{ key: "k".repeat(256), value: "" }])).toEqual([
      { index: 0, key: null, message: "The key has 256 bytes; at most 255 are allowed." },
    ]);
  });

  it("allows a value of at most 128 KiB of UTF-8", () => {
    const full = "é".repeat(64 * 1024);
    expect(findEnvProblems([{ key: "K", value: full }])).toEqual([]);
    const [problem, ...others] = findEnvProblems([{ key: "K", value: `${full}x` }]);
    expect(problem).toEqual({
      index: 0,
      key: "K",
      message: "The value has 131073 bytes; at most 131072 are allowed.",
    });
    expect(others).toEqual([]);
  });

  it("allows at most 1 MiB of keys and values together", () => {
    // 8 keys of 5 bytes and 8 values that together fill 1 MiB exactly.
    const env = makeEnv(8, "v".repeat(128 * 1024 - 5));
    expect(findEnvProblems(env)).toEqual([]);
    const over = [...env, { key: "X", value: "" }];
    expect(findEnvProblems(over)).toEqual([
      {
        index: null,
        key: null,
        message: "Keys and values have 1048577 bytes together; at most 1048576 are allowed.",
      },
    ]);
  });

  it("reports every repeated key with the position of its first use", () => {
    const env = ["A", "B", "A", "A"].map((key) => ({ key, value: "canary" }));
    expect(findEnvProblems(env)).toEqual([
      { index: 2, key: "A", message: "The key is given twice: variables 0 and 2." },
      { index: 3, key: "A", message: "The key is given twice: variables 0 and 3." },
    ]);
  });

  test.each(["", "1A", "A-B", "A B", "A.B", "A=B", "Ą", "A\n", "\nA", "A\u0000", "🚀", "\ud800"])(
    "reports the key %j without quoting it",
    (key) => {
      const problems = findEnvProblems([{ key, value: "" }]);
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatchObject({ index: 0, key: null });
    },
  );

  it("reports a lone surrogate in a value", () => {
    const problems = findEnvProblems([{ key: "K", value: "canary\udfff" }]);
    expect(problems).toMatchObject([{ index: 0, key: "K" }]);
    expect(JSON.stringify(problems)).not.toContain("canary");
  });

  it("reports keys and values that are not strings", () => {
    const env: EnvVar[] = JSON.parse('[{"key":"A","value":1},{"value":"x"}]');
    expect(findEnvProblems(env)).toMatchObject([
      { index: 0, key: null },
      { index: 1, key: null },
    ]);
  });

  it("never returns a value or an invalid key", () => {
    const secret = "s3cr3t-c4n4ry";
    const anyKey = fc.oneof(fc.constantFrom("K", "L", secret, `${secret}=`), fc.string());
    const anyValue = fc.constantFrom(secret, secret.repeat(11_000), `${secret}\ud800`);
    fc.assert(
      fc.property(fc.array(fc.record({ key: anyKey, value: anyValue }), { maxLength: 12 }), (env) => {
        const problems = findEnvProblems(env);
        expect(JSON.stringify(problems)).not.toContain(secret);
        for (const { key } of problems) expect(key === null || isEnvKey(key)).toBe(true);
      }),
    );
  });
});

test("the limits are the limits of the guest", () => {
  expect(ENV_LIMITS).toEqual({ pairs: 1024, keyBytes: 255, valueBytes: 131_072, totalBytes: 1_048_576 });
});
