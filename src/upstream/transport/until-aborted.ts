/**
 * Reject as soon as the signal fires. While undici is still connecting, it only notices an abort once the
 * connection is open or has failed. It does not send such a request any more.
 */
export async function untilAborted<T>(pending: Promise<T>, signal: AbortSignal): Promise<T> {
  const aborted = Promise.withResolvers<never>();
  const onAbort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", onAbort, { once: true });
  try {
    return await Promise.race([pending, aborted.promise]);
  } finally {
    signal.removeEventListener("abort", onAbort);
    pending.catch(() => undefined);
  }
}
