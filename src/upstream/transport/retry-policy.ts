import { runInSpan } from "../../spans.ts";
import { isConnectionFailure } from "../errors/connection-failure.ts";
import type { CallTime } from "./call-time.ts";
import type { RawReply, UpstreamRequest } from "./types.ts";

/** Which calls are sent again, and after what. A write is never sent again: its first attempt may have arrived. */
const retryPolicy = {
  effect: "read",
  method: "GET",
  maxAttempts: 3,
  statuses: new Set([429, 502, 503, 504]),
  failures: isConnectionFailure,
  /** Limit of the random delay after the first attempt. It doubles with each attempt. */
  firstDelayMs: 150,
} as const;

/**
 * Compute the delay before the next attempt, in milliseconds: the time that the REST API asks for, plus a
 * random time. The random part keeps many clients from returning at the same moment.
 */
export function computeRetryDelay(attempt: number, retryAfterMs: number | null): number {
  return (retryAfterMs ?? 0) + Math.random() * retryPolicy.firstDelayMs * 2 ** attempt;
}

/** Wait before the next attempt. @throws the reason why the time of the call ended */
function wait(ms: number, time: CallTime): Promise<void> {
  return runInSpan("wait to retry", "internal", {}, () => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    if (time.ending !== null) return Promise.reject(time.ending);
    const timer = setTimeout(resolve, ms);
    time.onEnd((ending) => {
      clearTimeout(timer);
      reject(ending);
    });
    return promise;
  });
}

/**
 * Send a call as often as the policy allows, within its time.
 *
 * @param send - sends attempt `number`, counted from 1
 */
export async function sendWithRetries(
  { effect, method }: UpstreamRequest,
  time: CallTime,
  send: (number: number) => Promise<RawReply>,
): Promise<RawReply> {
  const repeatable = effect === retryPolicy.effect && method === retryPolicy.method;
  for (let number = 1; ; number += 1) {
    const last = !repeatable || number === retryPolicy.maxAttempts;
    try {
      const reply = await send(number);
      if (last || !retryPolicy.statuses.has(reply.status)) return reply;
      const delayMs = computeRetryDelay(number, reply.retryAfterMs);
      if (performance.now() + delayMs >= time.expiresAt) return reply;
      await wait(delayMs, time);
    } catch (error) {
      if (last || time.ending !== null || !retryPolicy.failures(error)) throw error;
      await wait(computeRetryDelay(number, null), time);
    }
  }
}
