import type { JournalEntry } from "../support/gateway.ts";
import type { FaultyProxy } from "../support/upstream/random-faults.ts";

/** How often the journal is emptied, in milliseconds: it keeps 10,000 entries. */
const DRAIN_MS = 500;
const JOURNAL_LIMIT = 10_000;

/** Collects every write of the sandbox's journal while it runs. */
export function drainJournal(sandboxOrigin: string, proxy: FaultyProxy) {
  const writes: JournalEntry[] = [];
  let most = 0;
  let stopped = false;
  const url = `${sandboxOrigin}/__sandbox/journal`;
  // Between the look and the emptying nothing may arrive, or it would be lost.
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
    /** Takes the rest. @returns every write that reached the sandbox, and whether none can be missing. */
    async end(): Promise<{ readonly writes: readonly JournalEntry[]; readonly complete: boolean }> {
      stopped = true;
      await ended;
      await drain();
      return { writes, complete: most < JOURNAL_LIMIT };
    },
  };
}
