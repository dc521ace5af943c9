import { countBusyLooks, countTransactionRepeats } from "../../resolvers/write/wait-schedule.ts";
import type { ConditionalCalls } from "../core/field-cost.ts";

type Optional<Value> = Value | null | undefined;

type ProtectedArgs = {
  readonly input: {
    readonly expectedVersion?: Optional<string>;
    readonly waitIfBusySeconds?: Optional<number>;
    readonly waitForTransactionSeconds?: Optional<number>;
  };
};

/** Calls that protect a mutation, in addition to the write and to the reads of its checks. */
export const protectionCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  { calls: 1, when: "for expectedVersion", times: ({ input }) => Boolean(input.expectedVersion) },
  { calls: 1, when: "if the CVM is busy" },
  {
    calls: 2,
    when: "for each attempt with waitIfBusySeconds",
    times: ({ input }) => countBusyLooks(input.waitIfBusySeconds ?? 0),
  },
];

/** The same for a mutation that can wait for a transaction. */
export const confirmationCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  ...protectionCalls,
  {
    calls: 1,
    when: "for each repetition with waitForTransactionSeconds",
    times: ({ input }) => countTransactionRepeats(input.waitForTransactionSeconds ?? 0),
  },
];
