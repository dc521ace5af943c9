/** A step of an operation, as the node reports it. */
export type Step = {
  /** Milliseconds since the start of the operation. */
  readonly at: number;
  readonly status: string;
  readonly shutdownProgress?: string;
  readonly bootProgress?: string;
};

/** The timeline of an operation. Times are in milliseconds since its start. */
export type Timeline = {
  readonly steps: readonly Step[];
  /** When the new configuration takes effect. The CVM is down then. */
  readonly appliesAt: number;
  readonly endsAt: number;
  /** The status after the operation. */
  readonly finalStatus: "running" | "stopped" | "exited";
};

/** Course of a boot. */
export type BootPlan = {
  readonly hasScript: boolean;
  readonly hasGpu: boolean;
  /** The step that fails: requesting the keys or starting the containers; null when none does. */
  readonly failsAt: "keys" | "containers" | null;
};

/** Boot steps, in milliseconds since the start of the boot. The texts are those of the real guest. */
const BOOT_STEPS: readonly (readonly [number, string, ("script" | "gpu")?])[] = [
  [250, "attesting GPU", "gpu"],
  [500, "requesting app keys"],
  [1_500, "mounting data disk"],
  [2_000, "data disk ready"],
  [3_000, "setting up dstack-gateway"],
  [4_000, "setting up docker"],
  [5_000, "pre-launch", "script"],
  [6_000, "starting containers"],
];

const BOOT_MS = 7_500;
const KEYS_FAIL_MS = 1_500;

/** Plan an update: shut down, apply, boot. 10 s. */
export function planUpdate(boot: BootPlan): Timeline {
  const down: readonly Step[] = [
    { at: 0, status: "shutting_down" },
    { at: 500, status: "shutting_down", shutdownProgress: "powering off" },
    { at: 2_000, status: "stopped" },
  ];
  return { ...appendBoot(down, 2_500, boot), appliesAt: 2_000 };
}

/** Plan a restart: 10 s. A forced restart takes 8 s, because it does not wait for the guest. */
export function planRestart(boot: BootPlan, force: boolean): Timeline {
  const bootAt = force ? 500 : 2_500;
  const steps: readonly Step[] = [{ at: 0, status: "restarting" }];
  return { ...appendBoot(steps, bootAt, boot), appliesAt: bootAt };
}

/** Plan a power on: 7.5 s. */
export function planStart(boot: BootPlan): Timeline {
  return { ...appendBoot([], 0, boot), appliesAt: 0 };
}

/** Plan the first boot of a new CVM: 10 s. */
export function planCreate(boot: BootPlan): Timeline {
  return { ...appendBoot([{ at: 0, status: "creating" }], 2_500, boot), appliesAt: 2_500 };
}

/** Plan an update of a CVM that is off. The CVM stays off. 2 s. */
export function planOfflineUpdate(): Timeline {
  return { steps: [{ at: 0, status: "stopped" }], appliesAt: 1_000, endsAt: 2_000, finalStatus: "stopped" };
}

/** Plan a graceful power off: 3 s. */
export function planShutdown(): Timeline {
  const steps: readonly Step[] = [
    { at: 0, status: "shutting_down" },
    { at: 500, status: "shutting_down", shutdownProgress: "powering off" },
  ];
  return { steps, appliesAt: 3_000, endsAt: 3_000, finalStatus: "stopped" };
}

/** Plan a forced power off: 1 s. */
export function planStop(): Timeline {
  return { steps: [{ at: 0, status: "stopping" }], appliesAt: 1_000, endsAt: 1_000, finalStatus: "stopped" };
}

function appendBoot(before: readonly Step[], bootAt: number, boot: BootPlan): Omit<Timeline, "appliesAt"> {
  const failsAfterMs = boot.failsAt === "keys" ? KEYS_FAIL_MS : BOOT_MS;
  const bootSteps = BOOT_STEPS.filter(
    ([at, , only]) =>
      at < failsAfterMs && (only !== "script" || boot.hasScript) && (only !== "gpu" || boot.hasGpu),
  ).map(([at, bootProgress]) => ({ at: bootAt + at, status: "starting", bootProgress }));
  return {
    steps: [...before, { at: bootAt, status: "starting" }, ...bootSteps],
    endsAt: bootAt + failsAfterMs,
    finalStatus: boot.failsAt === null ? "running" : "exited",
  };
}
