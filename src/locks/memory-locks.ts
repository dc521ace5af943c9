import { createTurnQueues } from "./turn-queues.ts";
import type { CvmLocks, Turn } from "./types.ts";

/** Create the turn of a write that no other process has to know. */
export function createProcessTurn(hasWaited: boolean): Turn {
  return { hasWaited, confirm: async () => undefined, assertHeld: () => undefined };
}

/** Create the locks of a process that shares them with no other one. */
export function createMemoryLocks(): CvmLocks {
  const queues = createTurnQueues();
  return {
    get size() {
      return queues.size;
    },
    run: (name, request, run) => queues.run(name, request, (hasWaited) => run(createProcessTurn(hasWaited))),
    close: () => undefined,
  };
}
