import { describe, expect, it } from "vitest";
import { GatewayError } from "../../src/errors.ts";
import { awaitTransaction } from "../../src/resolvers/write/await-transaction.ts";

function refuse(status: number, code: "TRANSACTION_NOT_VERIFIED" | "HASH_NOT_ALLOWED" | "OUTCOME_UNKNOWN") {
  return new GatewayError(code, "refused", { upstream: { status } });
}

function createRequest(leftMs = 60_000) {
  const client = new AbortController();
  return { client, signal: client.signal, deadline: performance.now() + leftMs };
}

/** Answers each call by the next of the outcomes, the last one for good, and counts. */
function createSend(...outcomes: readonly (GatewayError | string)[]) {
  const send = async () => {
    const outcome = outcomes[Math.min(send.count, outcomes.length - 1)];
    send.count += 1;
    if (outcome instanceof GatewayError) throw outcome;
    return outcome;
  };
  send.count = 0;
  return send;
}

const unverified = refuse(467, "TRANSACTION_NOT_VERIFIED");

describe("waiting for a transaction", () => {
  it("sends once where no wait was asked for", async () => {
    for (const seconds of [undefined, null, 0]) {
      const send = createSend(unverified, "taken");
      await expect(awaitTransaction(createRequest(), seconds, send)).rejects.toBe(unverified);
      expect(send.count).toBe(1);
    }
  });

  it("repeats a 467 until it is taken, and not once more", async () => {
    const send = createSend(unverified, unverified, "taken");
    expect(await awaitTransaction(createRequest(), 10, send)).toBe("taken");
    expect(send.count).toBe(3);
  });

  it.each([
    refuse(468, "HASH_NOT_ALLOWED"),
    refuse(502, "OUTCOME_UNKNOWN"),
    new GatewayError("OUTCOME_UNKNOWN", "the connection broke"),
    new GatewayError("TRANSACTION_NOT_VERIFIED", "not by a 467"),
  ])("never repeats $code $upstream.status", async (outcome) => {
    const send = createSend(unverified, outcome, "taken");
    await expect(awaitTransaction(createRequest(), 10, send)).rejects.toBe(outcome);
    expect(send.count).toBe(2);
  });

  it("gives the refusal back when its time is up, with a last attempt at the end", async () => {
    const send = createSend(unverified);
    const started = performance.now();
    await expect(awaitTransaction(createRequest(), 1, send)).rejects.toBe(unverified);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(send.count).toBe(3);
  });

  it("stays inside the request's own time", async () => {
    const send = createSend(unverified);
    const started = performance.now();
    await expect(awaitTransaction(createRequest(1_600), 60, send)).rejects.toBe(unverified);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("waits as long as the REST API asks for, or does not repeat at all", async () => {
    const slow = new GatewayError("TRANSACTION_NOT_VERIFIED", "later", {
      upstream: { status: 467 },
      retryAfterMs: 5_000,
    });
    const send = createSend(slow, "taken");
    await expect(awaitTransaction(createRequest(), 1, send)).rejects.toBe(slow);
    expect(send.count).toBe(1);
  });

  it("ends when the client leaves, without another send", async () => {
    const request = createRequest();
    const send = createSend(unverified, "taken");
    const result = awaitTransaction(request, 10, send);
    setTimeout(() => request.client.abort(), 50);
    await expect(result).rejects.toMatchObject({ code: "CANCELLED" });
    expect(send.count).toBe(1);
  });

  it.each([-1, 61])("refuses %d seconds before it sends", async (seconds) => {
    const send = createSend("taken");
    await expect(awaitTransaction(createRequest(), seconds, send)).rejects.toMatchObject({
      code: "BAD_USER_INPUT",
      fields: [{ path: "input.waitForTransactionSeconds" }],
    });
    expect(send.count).toBe(0);
  });
});
