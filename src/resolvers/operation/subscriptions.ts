import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../context.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import type { LatestValue, Stream } from "../../watch/latest-value.ts";
import type { Observation } from "../../watch/watched-cvm.ts";
import { parseCvmRefArgument } from "../cvm/cvm-ref-argument.ts";
import { parseCorrelationId } from "./operation.ts";
import { describeOperation, hasEnded, type Operation } from "./status.ts";

/** Value of an observation. The stream ends after a `last` value. */
type Mapped<T> = { readonly value: T; readonly last: boolean };

/**
 * Map observations to values, and drop a value that equals the one before. The stream fails when `map` throws.
 * It can be ended while it waits for a value, which an async generator cannot.
 */
function mapObservations<T>(
  ctx: Context,
  source: LatestValue<Observation>,
  map: (observation: Observation) => Mapped<T>,
): Stream<T> {
  let before: Mapped<T> | undefined;

  async function mapOrEnd(observation: Observation): Promise<Mapped<T>> {
    try {
      return map(observation);
    } catch (error) {
      await source.return();
      throw error;
    }
  }

  return {
    async next() {
      if (before?.last) return source.return();
      for (;;) {
        const result = await source.next();
        if (result.done) return result;
        const mapped = await mapOrEnd(result.value);
        const same = before !== undefined && isDeepStrictEqual(mapped.value, before.value);
        before = mapped;
        if (same) continue;
        const { cvm, live, shared } = result.value;
        ctx.beginEvent({ id: cvm.id, vmUuid: cvm.vmUuid, live, fetchCvm: () => shared.read(live) });
        return { done: false, value: mapped.value };
      }
    },
    return: () => source.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** Live state with the id of its CVM. */
type CvmLiveState = LiveState & { readonly cvm: Cvm["id"] };

/**
 * Stream the live state of a CVM: the current one, then each change. A state that differs only in fields that
 * the client did not select is dropped after execution.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`, and the codes of {@link WatchHub.open}
 */
export async function watchCvmState(
  ctx: Context,
  args: { readonly id: string },
): Promise<Stream<CvmLiveState>> {
  const ref = parseCvmRefArgument(args.id, "id");
  const source = await ctx.watches.open(ctx, { ref, correlationId: null, client: ctx.client });
  return mapObservations(ctx, source, ({ cvm, live }) => ({
    value: { ...live, cvm: cvm.id },
    last: false,
  }));
}

/**
 * Stream an operation: its current state, then each change, until it has ended. The percentage never decreases
 * within a stream. The stream fails with `NOT_FOUND` after a minute without a trace of the operation.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`, and the codes of {@link WatchHub.open}
 */
export async function watchOperation(
  ctx: Context,
  args: { readonly cvmId: string; readonly correlationId: string },
): Promise<Stream<Operation>> {
  const ref = parseCvmRefArgument(args.cvmId, "cvmId");
  const correlationId = parseCorrelationId(args.correlationId);
  const source = await ctx.watches.open(ctx, { ref, correlationId, client: ctx.client });
  let reportedPercent = 0;
  return mapObservations(ctx, source, ({ cvm, live, operation: found, isMissing }) => {
    // The CVM was read when the watch began, so its progress is out of date.
    const evidence = { cvm: cvm.withoutProgress(), correlationId, found, live, reportedPercent };
    const value = describeOperation(evidence);
    reportedPercent = value.percent;
    const followed = { caller: ctx.credential, cvmId: cvm.id, correlationId };
    if (value.status !== "UNKNOWN") ctx.watches.untraced.forget(followed);
    else if (isMissing) ctx.watches.untraced.note(followed);
    return { value, last: hasEnded(value) };
  });
}
