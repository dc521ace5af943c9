import { maxWaitSeconds } from "../../limits.ts";
import {
  countBusyLooks,
  countTransactionRepeats,
  lockDelaysMs,
} from "../../resolvers/write/wait-schedule.ts";
import { isOwnId } from "../../upstream/cvm-ref.ts";
import type { ConditionalCalls, CostedRights } from "../core/field-cost.ts";

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

/** The gateway compares the CVM with the roles of the caller. */
const ROLE_CHECK = "with a role that is limited to some CVMs";

/** Whether a CVM is read only to compare it with such a role again. */
function isCheckedAgain({ input }: ProtectedArgs, { hasLimits }: CostedRights): boolean {
  return hasLimits && !input.expectedVersion && !input.waitIfBusySeconds;
}

/**
 * Calls that protect a mutation, in addition to the write and to the reads of its checks. They come after those
 * in the list: the first repeat for the lock checks everything again, the next ones send the write only.
 */
const protectionCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
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

/** Calls of a mutation that neither waits for its turn nor resolves its CVM. */
export const emergencyCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  ...protectionCalls,
  { calls: 1, when: ROLE_CHECK, times: (_args, { hasLimits }) => hasLimits },
];

/** Calls of a mutation that waits for its turn among the writes to the CVM. */
export const queuedCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  ...protectionCalls,
  { calls: 1, when: "unless id is the cvm_… id", times: ({ input }) => !isOwnId(input.id) },
  { calls: 1, when: ROLE_CHECK, times: ({ input }, { hasLimits }) => hasLimits && isOwnId(input.id) },
  { calls: 1, when: "with such a role, if the write waits for another one", times: isCheckedAgain },
];

const countRepetitions = ({ input }: ProtectedArgs) =>
  countTransactionRepeats(input.waitForTransactionSeconds ?? 0);

const repetitions: readonly ConditionalCalls<ProtectedArgs>[] = [
  { calls: 1, when: "for each repetition with waitForTransactionSeconds", times: countRepetitions },
  {
    calls: 1,
    when: "for each such repetition with a role that is limited to some CVMs",
    times: (args, rights) => isCheckedAgain(args, rights) && countRepetitions(args),
  },
];

/** The same for a mutation that can also wait for a transaction. */
export const confirmationCalls = [...queuedCalls, ...repetitions];

/** The same for a mutation whose commit token needs no resolved CVM. */
export const commitCalls: readonly ConditionalCalls<ProtectedArgs>[] = [
  ...protectionCalls,
  {
    calls: 1,
    when: "if the gateway has an access file",
    times: (_args, { staysInWorkspace }) => staysInWorkspace,
  },
  { calls: 1, when: `${ROLE_CHECK}, if the write waits for another one`, times: isCheckedAgain },
  ...repetitions,
];

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
