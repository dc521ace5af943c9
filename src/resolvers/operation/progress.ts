import type { LiveState } from "../../upstream/resources/status-batch.ts";

/** How far a running operation is: its step in the guest's words, and how much of its course lies behind. */
export type OperationProgress = { readonly step: string | null; readonly percent: number };

/** When an operation started, as far as that is known, and the present time, milliseconds since 1970. */
export type OperationTimes = { readonly startedAt: Date | null; readonly now: number };

/** From here on the CVM boots with what the operation brought. */
export const BOOT_PERCENT = 25;

/** Every step is over, and only the record of the end is missing. */
const LAST_PERCENT = 99;

/** The guest's boot steps in their order (dstack), by how much of the whole lies behind when one begins. */
const bootPercents: Readonly<Record<string, number>> = {
  "attesting gpu": 28,
  "requesting app keys": 32,
  "initializing data disk": 42,
  "mounting data disk": 42,
  "data disk ready": 48,
  "setting up dstack-gateway": 55,
  "setting up docker": 65,
  "init-script": 72,
  "pre-launch": 78,
  "starting containers": 88,
  "running main script": 88,
};

/** Statuses in which the guest is on its way down, or is down: a boot step told there is an older boot's. */
const downPercents: Readonly<Record<string, number>> = {
  shutting_down: 5,
  stopping: 5,
  removing: 5,
  stopped: 20,
  shutdown: 20,
  shutoff: 20,
  exited: 20,
};

/** Milliseconds in a duration such as `2h30m`, as nodes tell the time that a CVM is up. */
function parseUptime(text: string | null): number {
  const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  const parts = [...(text ?? "").matchAll(/(\d+)\s*([dhms])/g)];
  if (parts.length === 0) return Number.POSITIVE_INFINITY;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

/** Whether the guest was started after the operation was. */
function hasRebooted(live: LiveState, { startedAt, now }: OperationTimes): boolean {
  return startedAt !== null && parseUptime(live.uptime) < now - startedAt.getTime();
}

function readWord(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
}

/** Whether the guest is still on its way down or is down, so that what it says of a boot is an older one's. */
export function isDown(live: LiveState): boolean {
  return readWord(live.rawStatus) in downPercents;
}

/** On the way to `stopped` there is no boot. */
function measureStop(live: LiveState): OperationProgress {
  const off = (downPercents[readWord(live.rawStatus)] ?? 0) > 5;
  const step = live.shutdownProgress;
  return { step, percent: off ? 90 : step === null ? 10 : 50 };
}

/**
 * Reads the progress of a running operation off the live state of its CVM. The order of the steps of a
 * shutdown and a boot is fixed, so the percentage only grows. A node that says `running` and `done` while the
 * operation is young still tells of the boot before.
 */
export function measureProgress(
  live: LiveState,
  targetState: string | null,
  times: OperationTimes,
): OperationProgress {
  if (targetState?.toLowerCase() === "stopped") return measureStop(live);
  if (isDown(live)) {
    const percent = downPercents[readWord(live.rawStatus)] ?? 0;
    return live.shutdownProgress === null
      ? { step: null, percent }
      : { step: live.shutdownProgress, percent: Math.max(percent, 10) };
  }
  const step = live.bootProgress;
  const known = step === null ? undefined : bootPercents[step.trim().toLowerCase()];
  if (known !== undefined) return { step, percent: known };
  const booted = hasRebooted(live, times);
  if (step?.toLowerCase() === "done") {
    return booted ? { step, percent: LAST_PERCENT } : { step: null, percent: 0 };
  }
  if (step === null && live.shutdownProgress !== null) return { step: live.shutdownProgress, percent: 10 };
  const starting = readWord(live.rawStatus) === "starting" || booted;
  return { step, percent: starting ? BOOT_PERCENT : 2 };
}
