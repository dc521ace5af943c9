import { describe, expect, it } from "vitest";
import { MAX_BODY_BYTES, MAX_UPSTREAM_TEXT_CHARACTERS } from "../../src/limits.ts";
import { toHttpError } from "../../src/upstream/errors/http-error.ts";
import { createRedactor } from "../../src/upstream/errors/redact.ts";

/** CPU time that the redaction of one answer may cost, in milliseconds: no request may keep the process busy for longer. */
const LIMIT_MS = 100;

const repeat = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index)).join("");

const compose = repeat(24_000, (index) => `  A${index}: "v"\n`).slice(0, 200_000);
const sealed = repeat(50_000, (index) => (index * 2_654_435_761).toString(16).padStart(8, "0").slice(-8));
const quote = (at: number) => `Line ${at} is not valid: ${compose.slice(at * 999, at * 999 + 1_900)}`;

const bodies: Readonly<Record<string, readonly [secret: string, body: object]>> = {
  "81 long remarks about a Compose file of 24,000 lines": [
    compose,
    {
      detail: Array.from({ length: 81 }, (_, at) => ({
        loc: ["body", "docker_compose_file", at],
        msg: quote(at),
      })),
    },
  ],
  "one remark about a Compose file of 24,000 lines": [
    compose,
    { detail: [{ loc: ["body", "docker_compose_file"], msg: "Compose file is not valid" }] },
  ],
  "a sealed env of 400 kB": [
    sealed,
    { detail: [{ loc: ["body", "encrypted_env"], msg: `Not hex: ${sealed.slice(400, 900)}` }] },
  ],
  "every text that one answer can have": [
    compose,
    {
      error_code: quote(0),
      message: quote(1),
      details: Array.from({ length: 60 }, (_, at) => ({
        field: at % 2 === 0 ? "docker_compose_file" : null,
        message: quote(at),
      })),
      suggestions: Array.from({ length: 60 }, (_, at) => quote(at + 60)),
      links: Array.from({ length: 60 }, (_, at) => ({ url: quote(at + 120), label: quote(at + 150) })),
    },
  ],
  "a short line of which the secret and the answer consist": [
    "a: 1\n".repeat(40_000),
    {
      detail: Array.from({ length: 81 }, (_, at) => ({
        loc: ["body"],
        msg: `${at} ${"a: 1\n".repeat(400)}`,
      })),
    },
  ],
  "one character of which the secret and the answer consist": [
    "a".repeat(MAX_BODY_BYTES),
    { detail: [{ loc: ["body"], msg: "a".repeat(MAX_BODY_BYTES) }] },
  ],
};

/** @returns the smallest CPU time of a few runs in milliseconds: the first ones are not compiled yet. */
function measureCpu(run: () => void): number {
  const times = Array.from({ length: 5 }, () => {
    const before = process.threadCpuUsage();
    run();
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1_000;
  });
  return Math.min(...times);
}

describe("the redaction of an error of the REST API", () => {
  it.each(Object.entries(bodies))("costs little: %s", (_name, [secret, body]) => {
    const run = () =>
      toHttpError({
        status: 422,
        body: JSON.stringify(body),
        requestId: "req-1",
        retryAfterMs: null,
        effect: "write",
        redact: createRedactor([secret]),
        inputPaths: {},
        codes: {},
        credentialAdvice: null,
      });
    const cost = measureCpu(run);
    expect(cost).toBeLessThan(LIMIT_MS);
  });

  it("prepares nothing for an answer without texts", () => {
    const redact = createRedactor(["a: secret\n".repeat(1_000_000)]);
    expect(measureCpu(() => redact.together(["", ""])(""))).toBeLessThan(1);
  });
});

describe("redaction of several texts", () => {
  it("gives the same results as one by one", () => {
    const redact = createRedactor(["TOKEN: hunter2\nservices:\n  a: {}\nabcd"], ["dstack-0.5"]);
    const texts = ["near TOKEN: hunter2", "no dstack-0.5 here", "services: is empty", "xabcdx", ""];
    expect(texts.map(redact.together(texts))).toEqual([
      "near [redacted]",
      "no [redacted] here",
      "[redacted] is empty",
      "x[redacted]x",
      "",
    ]);
    expect(texts.map((text) => redact(text))).toEqual(texts.map(redact.together(texts)));
  });

  it("truncates what is too long together", () => {
    const texts = Array.from({ length: 60 }, (_, at) => `${at} `.repeat(900));
    const redacted = texts.map(createRedactor(["hunter2-hunter2"]).together(texts));
    expect(redacted.join("").length).toBeLessThan(MAX_UPSTREAM_TEXT_CHARACTERS + 60 * "[truncated]".length);
    expect(redacted.at(0)?.startsWith("0 0 ")).toBe(true);
    expect(redacted.at(-1)).toBe("[truncated]");
  });
});
