import { describe, expect, it } from "vitest";
import { ClientPresence } from "../../src/client-presence.ts";
import type { ErrorCode } from "../../src/error-catalog.ts";
import { GatewayError } from "../../src/errors.ts";
import { repeatWhileRefused } from "../../src/resolvers/write/repeat-while-refused.ts";
import { startGateway } from "../support/gateway.ts";
import { CONFIRM } from "../support/mutations.ts";

function refuse(status: number, code: ErrorCode) {
  return new GatewayError(code, "refused", { upstream: { status } });
}

function createRequest(leftMs = 60_000) {
  const client = new ClientPresence();
  return { client, deadline: performance.now() + leftMs, expiresAt: null };
}

/** Repeat a confirmation for a number of seconds. */
function awaitTransaction<T>(
  request: ReturnType<typeof createRequest>,
  seconds: number,
  send: () => Promise<T>,
) {
  const waits = { waitIfBusyMs: 0, waitForTransactionMs: seconds * 1_000 };
  const explain = { busy: async (error: GatewayError) => error, unverified: async () => null };
  return repeatWhileRefused(request, waits, send, explain);
}

/** Create a send that yields one outcome per call, then repeats the last one, and counts its calls. */
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

describe("waitForTransactionSeconds", () => {
  it("sends the confirmation once when no wait is given", async () => {
    const send = createSend(unverified, "taken");
    await expect(awaitTransaction(createRequest(), 0, send)).rejects.toBe(unverified);
    expect(send.count).toBe(1);
  });

  it("repeats the confirmation after status 467 until it succeeds, then stops", async () => {
    const send = createSend(unverified, unverified, "taken");
    expect(await awaitTransaction(createRequest(), 10, send)).toBe("taken");
    expect(send.count).toBe(3);
  });

  it.each([
    refuse(465, "HASH_NOT_ALLOWED"),
    refuse(468, "HASH_NOT_ALLOWED"),
    new GatewayError("HASH_NOT_ALLOWED", "by a check of the gateway"),
  ])(
    "repeats after $code (status $upstream.status), which proves that nothing was applied",
    async (refusal) => {
      const send = createSend(refusal, "taken");
      expect(await awaitTransaction(createRequest(), 10, send)).toBe("taken");
      expect(send.count).toBe(2);
    },
  );

  it.each([
    refuse(465, "HASH_INVALID_OR_EXPIRED"),
    refuse(466, "HASH_INVALID_OR_EXPIRED"),
    refuse(502, "OUTCOME_UNKNOWN"),
    new GatewayError("OUTCOME_UNKNOWN", "the connection broke"),
    new GatewayError("TRANSACTION_NOT_VERIFIED", "not by a 467"),
  ])("stops at $code (status $upstream.status) without another attempt", async (outcome) => {
    const send = createSend(unverified, outcome, "taken");
    await expect(awaitTransaction(createRequest(), 10, send)).rejects.toBe(outcome);
    expect(send.count).toBe(2);
  });

  it("fails with the last 467 when the time is over, after a final attempt", async () => {
    const send = createSend(unverified);
    const started = performance.now();
    await expect(awaitTransaction(createRequest(), 1, send)).rejects.toBe(unverified);
    expect(performance.now() - started).toBeLessThan(1_500);
    expect(send.count).toBe(3);
  });

  it("stays within the deadline of the request", async () => {
    const send = createSend(unverified);
    const started = performance.now();
    await expect(awaitTransaction(createRequest(1_600), 60, send)).rejects.toBe(unverified);
    expect(performance.now() - started).toBeLessThan(1_000);
  });

  it("fails without a repeat when the REST API asks for a longer delay than the time left", async () => {
    const slow = new GatewayError("TRANSACTION_NOT_VERIFIED", "later", {
      upstream: { status: 467 },
      retryAfterMs: 5_000,
    });
    const send = createSend(slow, "taken");
    await expect(awaitTransaction(createRequest(), 1, send)).rejects.toBe(slow);
    expect(send.count).toBe(1);
  });

  it("stops without another attempt when the client disconnects", async () => {
    const request = createRequest();
    const send = createSend(unverified, "taken");
    const result = awaitTransaction(request, 10, send);
    setTimeout(() => request.client.leave(), 50);
    await expect(result).rejects.toMatchObject({ code: "CANCELLED" });
    expect(send.count).toBe(1);
  });

  it.each([-1, 61])("rejects %d seconds and sends nothing", async (waitForTransactionSeconds) => {
    await using gateway = await startGateway();
    const hash = "ab".repeat(32);
    const input = { id: "web-base", composeHash: hash, transactionHash: hash, waitForTransactionSeconds };
    const { errors } = await gateway.ask(CONFIRM, { input });
    expect(errors).toMatchObject([
      { extensions: { code: "BAD_USER_INPUT", fields: [{ path: "input.waitForTransactionSeconds" }] } },
    ]);
    expect(await gateway.calls()).toEqual([]);
  });
});
