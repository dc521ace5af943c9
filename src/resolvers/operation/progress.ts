import type { LiveState } from "../../upstream/resources/status-batch.ts";

/** Progress of an operation: the step that the guest reports, and a percentage from 0 to 100. */
export type OperationProgress = { readonly step: string | null; readonly percent: number };

/** Start of an operation, if known, and the present time in milliseconds since 1970. */
export type OperationTimes = { readonly startedAt: Date | null; readonly now: number };

/** Percentage at which the CVM starts to boot with the change. */
export const BOOT_PERCENT = 25;

/** Percentage after the last step, until the REST API records the end. */
const LAST_PERCENT = 99;

/** Percentage at the start of each boot step of dstack, in order. */
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

/** Percentage by status of a CVM that is off or shutting down. Its boot step is from an earlier boot. */
const downPercents: Readonly<Record<string, number>> = {
  shutting_down: 5,
  stopping: 5,
  removing: 5,
  stopped: 20,
  shutdown: 20,
  shutoff: 20,
  exited: 20,
};

/** Parse a duration such as `2h30m`, the format of a node's uptime. @returns milliseconds */
function parseUptime(text: string | null): number {
  const units: Readonly<Record<string, number>> = { d: 86_400_000, h: 3_600_000, m: 60_000, s: 1_000 };
  const parts = [...(text ?? "").matchAll(/(\d+)\s*([dhms])/g)];
  if (parts.length === 0) return Number.POSITIVE_INFINITY;
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * (units[unit ?? ""] ?? 0), 0);
}

/** Whether the guest booted after the operation started. */
function hasRebooted(live: LiveState, { startedAt, now }: OperationTimes): boolean {
  return startedAt !== null && parseUptime(live.uptime) < now - startedAt.getTime();
}

function normalizeStatus(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, "_");
}

/** Whether the CVM is off or shutting down, so that its boot progress is from an earlier boot. */
export function isDown(live: LiveState): boolean {
  return normalizeStatus(live.rawStatus) in downPercents;
}

/** Progress towards the target `stopped`, which has no boot. */
function measureStop(live: LiveState): OperationProgress {
  const off = (downPercents[normalizeStatus(live.rawStatus)] ?? 0) > 5;
  const step = live.shutdownProgress;
  return { step, percent: off ? 90 : step === null ? 10 : 50 };
}

/**
 * Compute the progress of a running operation from the live state of its CVM. The steps of shutdown and boot
 * have a fixed order, so the percentage only grows. If the node reports `running` and `done` with an uptime
 * that is longer than the operation, it still reports the earlier boot.
 */
export function measureProgress(
  live: LiveState,
  targetState: string | null,
  times: OperationTimes,
): OperationProgress {
  if (targetState?.toLowerCase() === "stopped") return measureStop(live);
  if (isDown(live)) {
    const percent = downPercents[normalizeStatus(live.rawStatus)] ?? 0;
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
  const starting = normalizeStatus(live.rawStatus) === "starting" || booted;
  return { step, percent: starting ? BOOT_PERCENT : 2 };
}
