import { setTimeout as sleep } from "node:timers/promises";

const FIRST_DELAY_MS = 250;
const MAX_DELAY_MS = 2_000;

/** The most commands that are repeated at the same time. A claim that is not deleted ends with its lease. */
const MAX_RUNNING = 1_000;

/** Commands that are repeated in the background until the store executes them. */
export type Retries = {
  /** Run a command, and repeat it in the background if it fails. Resolves after the first attempt. */
  run(command: () => Promise<unknown>): Promise<void>;
  /** Repeat nothing from now on. */
  close(): void;
};

/** @param onError - called for each attempt that failed */
export function createRetries(onError: (error: unknown) => void): Retries {
  let isClosed = false;
  let running = 0;

  async function attempt(command: () => Promise<unknown>): Promise<boolean> {
    try {
      await command();
      return true;
    } catch (error) {
      if (!isClosed) onError(error);
      return false;
    }
  }

  async function repeat(command: () => Promise<unknown>): Promise<void> {
    running += 1;
    let delayMs = FIRST_DELAY_MS;
    let done = false;
    while (!done && !isClosed) {
      await sleep(delayMs, undefined, { ref: false });
      delayMs = Math.min(delayMs * 2, MAX_DELAY_MS);
      done = isClosed || (await attempt(command));
    }
    running -= 1;
  }

  return {
    async run(command) {
      if (await attempt(command)) return;
      if (running < MAX_RUNNING) void repeat(command);
    },
    close() {
      isClosed = true;
    },
  };
}
