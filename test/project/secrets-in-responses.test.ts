import { describe, expect, it } from "vitest";
import { ask, createGateway } from "../support/gateway.ts";
import { replies, startEchoingUpstream } from "./echoing-upstream.ts";
import { captureOutput, expectClean, writes } from "./secret-values.ts";

const captured = captureOutput();

describe("an upstream that repeats the secrets of a write", () => {
  it.each(Object.entries(replies))(
    "leaks none of them into the answer, the log or the output: %s",
    async (_name, reply) => {
      const sealed: string[] = [];
      const logs: string[] = [];
      const received: string[] = [];
      await using upstream = await startEchoingUpstream(reply, sealed, received);
      const { app, close } = createGateway(upstream.url, {
        logs,
        environment: { UPSTREAM_WRITE_TIMEOUT_MS: "300" },
      });
      for (const { query, input } of writes) {
        const answer = await ask(app, query, { input });
        expect(answer.data !== undefined || answer.errors !== undefined).toBe(true);
        expectClean("the answer", JSON.stringify([answer.data, answer.errors, [...answer.headers]]), sealed);
      }
      await close();
      expect(received).toHaveLength(writes.length);
      expect(logs.length).toBeGreaterThan(2 * writes.length);
      expectClean("the log", logs.join(""), sealed);
      expectClean("the output", captured.join(""), sealed);
      expect(sealed.length).toBeGreaterThan(0);
    },
  );
});
