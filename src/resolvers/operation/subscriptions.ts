import { isDeepStrictEqual } from "node:util";
import type { Context } from "../../context.ts";
import type { LiveState } from "../../upstream/resources/status-batch.ts";
import type { LatestValue, Stream } from "../../watch/latest-value.ts";
import { type Observation, withoutMeters } from "../../watch/watched-cvm.ts";
import { readCvmRef } from "../cvm/cvm-ref-argument.ts";
import { readCorrelationIdArg } from "./operation.ts";
import { describeOperation, hasEnded, type Operation } from "./status.ts";

/** What a mapping makes of an observation; nothing follows a `last` value. */
type Mapped<T> = { readonly value: T; readonly last: boolean };

/** What has to differ for a value to be told. */
type Compare<T> = (value: T) => unknown;

/**
 * Maps observations to values, and leaves out what equals the value before. It can be left at any time,
 * which an async generator that awaits a value cannot.
 */
function mapObservations<T>(
  ctx: Context,
  source: LatestValue<Observation>,
  map: (observation: Observation) => Mapped<T>,
  compare: Compare<T> = (value) => value,
): Stream<T> {
  let before: Mapped<T> | undefined;
  return {
    async next() {
      if (before?.last) return source.return();
      for (;;) {
        const result = await source.next();
        if (result.done) return result;
        const mapped = map(result.value);
        const same = before !== undefined && isDeepStrictEqual(compare(mapped.value), compare(before.value));
        before = mapped;
        if (same) continue;
        ctx.beginEvent();
        return { done: false, value: mapped.value };
      }
    },
    return: () => source.return(),
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/**
 * The live state of a CVM now and on every change. `meters` says whether uptime and resource usage are
 * wanted: they change with every poll, and a value costs an execution of the document for each viewer.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`, and those of {@link WatchHub.open}.
 */
export async function watchCvmState(
  ctx: Context,
  args: { readonly id: string; readonly meters: boolean },
): Promise<Stream<LiveState>> {
  const ref = readCvmRef(args.id, "id");
  const source = await ctx.watches.open(ctx.caller, { ref, correlationId: null, signal: ctx.signal });
  return mapObservations(
    ctx,
    source,
    ({ live }) => ({ value: live, last: false }),
    args.meters ? undefined : withoutMeters,
  );
}

/**
 * An operation now and on every change, until it has ended. The percentage never falls within a stream.
 *
 * @throws {GatewayError} `BAD_USER_INPUT`, and those of {@link WatchHub.open}.
 */
export async function watchOperation(
  ctx: Context,
  args: { readonly cvmId: string; readonly correlationId: string },
): Promise<Stream<Operation>> {
  const ref = readCvmRef(args.cvmId, "cvmId");
  const correlationId = readCorrelationIdArg(args.correlationId);
  const source = await ctx.watches.open(ctx.caller, { ref, correlationId, signal: ctx.signal });
  let toldPercent = 0;
  return mapObservations(ctx, source, ({ cvm, live, operation: found }) => {
    // The CVM was read when the watch began: what it said of its progress then is no evidence now.
    const evidence = { cvm: { ...cvm, progress: null }, correlationId, found, live, toldPercent };
    const value = describeOperation(evidence);
    toldPercent = value.percent;
    return { value, last: hasEnded(value) };
  });
}
