import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createRedactor } from "../../src/upstream/errors/redact.ts";

describe("redaction of a message of the REST API", () => {
  it.each([
    ["removes a whole line", "near 'TOKEN: hunter2'", "TOKEN: hunter2", "near '[redacted]'"],
    [
      "removes a line that is cut off",
      "near 'OKEN: hunter2 and'…",
      "TOKEN: hunter2 and more",
      "near '[redacted]'…",
    ],
    ["removes an escaped line", String.raw`near A: \"x1y2\" end`, 'A: "x1y2"', "near [redacted] end"],
    [
      "removes a line of joined words of the format",
      "near 'servicesenvironment', 'restartnetworks' and 'containerscontainers'",
      "servicesenvironment\nrestartnetworks\ncontainerscontainers",
      "near '[redacted]', '[redacted]' and '[redacted]'",
    ],
    ["keeps a message without a secret", "Compose file is empty", "services: {}", "Compose file is empty"],
    [
      "words of the format",
      "'services' must be a mapping of docker_compose_file",
      "services:\n  a: {}",
      "'services' must be a mapping of docker_compose_file",
    ],
  ])("%s", (_what, message, secret, expected) => {
    expect(createRedactor([secret])(message)).toBe(expected);
  });

  it("keeps no eight characters of a secret, wherever the message quotes it", () => {
    const word = fc.stringMatching(/^[A-Za-z0-9+/=:-]{12,60}$/);
    fc.assert(
      fc.property(word, fc.string(), fc.string(), fc.nat(40), (secret, before, after, cut) => {
        const redacted = createRedactor([secret])(`${before}${secret.slice(cut % 5)}${after}`);
        for (let at = 5; at + 8 <= secret.length; at += 1)
          expect(redacted).not.toContain(secret.slice(at, at + 8));
      }),
    );
  });

  it("ends within a second for a secret of 2 MB", () => {
    const secret = "0123456789abcdef".repeat(130_000);
    const started = performance.now();
    expect(createRedactor([secret])(`no: ${secret.slice(3, 900)}`)).toBe("no: [redacted]");
    expect(performance.now() - started).toBeLessThan(1_000);
  });
});
