import type { JournalEntry } from "../support/gateway.ts";
import type { FaultyProxy } from "../support/upstream/random-faults.ts";

/** How often the journal is emptied, in milliseconds: it keeps 10,000 entries. */
const DRAIN_MS = 500;
const JOURNAL_LIMIT = 10_000;

/** Collect every write of the sandbox's journal while it runs. */
export function drainJournal(sandboxOrigin: string, proxy: FaultyProxy) {
  const writes: JournalEntry[] = [];
  let most = 0;
  let stopped = false;
  const url = `${sandboxOrigin}/__sandbox/journal`;
  // A call between the read and the deletion would be lost, so the proxy holds all calls back.
  const drain = () =>
    proxy.quietly(async () => {
      const entries: JournalEntry[] = await (await fetch(url)).json();
      await fetch(url, { method: "DELETE" });
      most = Math.max(most, entries.length);
      writes.push(...entries.filter(({ method }) => method === "PATCH"));
    });
  const ended = (async () => {
    while (!stopped) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MS));
      await drain();
    }
  })();
  return {
    /** Collect the rest. @returns every write that reached the sandbox, and whether the list is complete. */
    async end(): Promise<{ readonly writes: readonly JournalEntry[]; readonly complete: boolean }> {
      stopped = true;
      await ended;
      await drain();
      return { writes, complete: most < JOURNAL_LIMIT };
    },
  };
}
