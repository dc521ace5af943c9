/** A CVM of the load, and the key of its workspace. */
export type LoadedCvm = { readonly key: string; readonly id: string; readonly name: string };

/** The CVMs of a load. There is at least one. */
export type LoadedCvms = readonly [LoadedCvm, ...LoadedCvm[]];

/** Outcome of a write, as reported to a client. Only `refused` promises that nothing was applied. */
export type WriteAnswer =
  | { readonly kind: "accepted"; readonly status: string; readonly correlationId: string | null }
  | { readonly kind: "unknown" | "refused"; readonly code: string }
  | { readonly kind: "unanswered"; readonly startedAt: number; readonly reason: string };

/** One change. With an idempotency key, several requests ask for it. */
export type WriteRecord = {
  /** Id of the CVM and the body of the call, which identify the change in the proxy and in the journal. */
  readonly marker: string;
  readonly cvm: LoadedCvm;
  readonly changes: boolean;
  readonly keyed: boolean;
  readonly answers: WriteAnswer[];
};

/** Everything that the clients received. */
export type Received = {
  readonly writes: WriteRecord[];
  readonly counts: Record<string, number>;
  readonly problems: string[];
  readonly unansweredReads: { readonly startedAt: number; readonly reason: string }[];
};

/** Count one event by its name. */
export function countEvent({ counts }: Received, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}
