import { maxWaitSeconds } from "../../limits.ts";
import {
  countBusyLooks,
  countTransactionRepeats,
  lockDelaysMs,
} from "../../resolvers/write/wait-schedule.ts";
import { isOwnId } from "../../upstream/cvm-ref.ts";
import type { ConditionalCalls } from "../core/field-cost.ts";

type Optional<Value> = Value | null | undefined;

type ProtectedArgs = {
  readonly input: {
    readonly id: string;
    readonly expectedVersion?: Optional<string>;
    readonly waitIfBusySeconds?: Optional<number>;
    readonly waitForTransactionSeconds?: Optional<number>;
  };
};

/** The most often that a write is repeated because an earlier operation still holds the lock. */
const LOCK_REPEATS = lockDelaysMs.length;

/** Whether a write waits for the lock: it does not if it has waited longer for a busy CVM. */
function waitsForLock({ input }: ProtectedArgs): boolean {
  return (input.waitIfBusySeconds ?? 0) < maxWaitSeconds.lock;
}

function countLockRepeats(args: ProtectedArgs): number {
  return waitsForLock(args) ? LOCK_REPEATS : 0;
}

/**
 * Calls that protect a mutation, in addition to the write and to the reads of its checks. They come after those
 * in the list: the first repeat for the lock checks everything again, the next ones send the write only.
 */
export const protectionCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  {
    calls: LOCK_REPEATS - 1,
    when: "while an earlier operation still holds the lock",
    times: waitsForLock,
    repeatsBefore: true,
  },
  {
    calls: 1,
    when: "for each attempt with expectedVersion",
    times: (args) => (args.input.expectedVersion ? 1 + countLockRepeats(args) : 0),
  },
  { calls: 1, when: "if the CVM is busy" },
  {
    calls: 2,
    when: "for each attempt with waitIfBusySeconds",
    times: (args) => {
      const seconds = args.input.waitIfBusySeconds ?? 0;
      return seconds > 0 ? countBusyLooks(seconds) + countLockRepeats(args) : 0;
    },
  },
];

/** The same for a mutation that waits for its turn among the writes to the CVM. */
export const queuedCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  ...protectionCalls,
  { calls: 1, when: "unless id is the cvm_… id", times: ({ input }) => !isOwnId(input.id) },
];

const repetitions: ConditionalCalls<ProtectedArgs> = {
  calls: 1,
  when: "for each repetition with waitForTransactionSeconds",
  times: ({ input }) => countTransactionRepeats(input.waitForTransactionSeconds ?? 0),
};

/** The same for a mutation that can also wait for a transaction. */
export const confirmationCalls = [...queuedCalls, repetitions];

/** The same for a mutation whose commit token needs no resolved CVM. */
export const commitCalls = [...protectionCalls, repetitions];

type ProofArgs = { readonly input: { readonly composeHash?: Optional<string> } };

const isSecondPhase = ({ input }: ProofArgs): boolean => Boolean(input.composeHash);

/** Calls of a single-purpose mutation in its second phase, in addition to its reads of the CVM. */
export const secondPhaseCalls: readonly ConditionalCalls<ProofArgs>[] = [
  { calls: 1, when: "in the second phase with an on-chain KMS", times: isSecondPhase },
  { calls: 1, when: "in the second phase if the predicted compose hash differs", times: isSecondPhase },
];

/** Calls that look whether the app contract allows the device of a CVM. */
export const deviceCheckCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  { calls: 1, when: "for the check of the device" },
  { calls: 1, when: "if the device is not allowed, or if the gateway reads the chain" },
];
