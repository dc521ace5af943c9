import { describe, expect, it } from "vitest";
import { createIdempotency } from "../../src/idempotency/idempotency.ts";
import { createMemoryStore } from "../../src/idempotency/memory-store.ts";
import { keyLimits } from "../../src/limits.ts";

/** Create keyed writes that share one memory. A write counts how often it is sent. */
function startMemory() {
  const idempotency = createIdempotency(createMemoryStore());
  const sent = new Map<string, number>();
  return {
    count: (secret: string, key: string) => sent.get(`${secret} ${key}`) ?? 0,
    write(secret: string, key: string, answer: () => Promise<void> = async () => undefined) {
      const write = {
        owner: { scheme: "apiKey", secret, workspace: null } as const,
        key,
        operation: "configureCvm",
        input: { id: "web" },
        signal: new AbortController().signal,
        deadline: performance.now() + 60_000,
        expiresAt: null,
        isEmergency: false,
        mayHaveBeenApplied: () => false,
      };
      return idempotency.run(write, async (beforeSending) => {
        await beforeSending();
        sent.set(`${secret} ${key}`, (sent.get(`${secret} ${key}`) ?? 0) + 1);
        await answer();
        return "done";
      });
    },
  };
}

describe("idempotency keys in memory", () => {
  it("keep a write that runs and an outcome while another credential uses 50,001 keys", async () => {
    const memory = startMemory();
    const answer = Promise.withResolvers<void>();
    await memory.write("victim", "settled");
    const running = memory.write("victim", "running", () => answer.promise);
    for (let number = 0; number <= 50_000; number += 1) await memory.write("attacker", `key-${number}`);
    const repeat = memory.write("victim", "running");
    answer.resolve();
    expect(await Promise.all([running, repeat, memory.write("victim", "settled")])).toEqual([
      "done",
      "done",
      "done",
    ]);
    expect(memory.count("victim", "running")).toBe(1);
    expect(memory.count("victim", "settled")).toBe(1);
  }, 60_000);

  it("drop the oldest outcome of a credential first, over its share", async () => {
    const memory = startMemory();
    for (let number = 0; number <= keyLimits.perCredential; number += 1) {
      await memory.write("one", `key-${number}`);
    }
    await memory.write("one", "key-1");
    expect(memory.count("one", "key-1")).toBe(1);
    await memory.write("one", "key-0");
    expect(memory.count("one", "key-0")).toBe(2);
  });

  it("refuse a write unsent when all keys of a credential belong to running writes", async () => {
    const memory = startMemory();
    const answer = Promise.withResolvers<void>();
    const running = Array.from({ length: keyLimits.perCredential }, (_, number) =>
      memory.write("one", `key-${number}`, () => answer.promise),
    );
    await expect(memory.write("one", "over")).rejects.toMatchObject({
      code: "RATE_LIMITED",
      message: expect.stringContaining("Nothing was sent"),
      retryAfterMs: expect.any(Number),
    });
    expect(memory.count("one", "over")).toBe(0);
    expect(await memory.write("other", "key")).toBe("done");
    answer.resolve();
    await Promise.all(running);
    expect(await memory.write("one", "over")).toBe("done");
  });

  it("refuse a write unsent when other credentials use all the memory", async () => {
    const memory = startMemory();
    const tenants = keyLimits.records / keyLimits.perCredential;
    for (let number = 0; number < keyLimits.records; number += 1) {
      await memory.write(`tenant-${number % tenants}`, `key-${number}`);
    }
    await expect(memory.write("late", "key")).rejects.toMatchObject({ code: "RATE_LIMITED" });
    await memory.write("tenant-0", "new");
    await memory.write("tenant-1", "key-1");
    expect(memory.count("late", "key")).toBe(0);
    expect(memory.count("tenant-1", "key-1")).toBe(1);
  }, 60_000);
});
