import type { JournalEntry } from "../support/gateway.ts";
import type { FaultyProxy } from "../support/upstream/random-faults.ts";
import type { LoadedCvm, Received, WriteRecord } from "./types.ts";

/** State of one CVM in the sandbox after the load. */
export type CvmAftermath = {
  readonly cvm: LoadedCvm;
  readonly hostname: string | null;
  /** Correlation ids of its configuration updates. */
  readonly updates: readonly string[];
};

/** Everything that the proof compares. */
export type Evidence = {
  readonly received: Received;
  readonly journal: readonly JournalEntry[];
  readonly arrived: FaultyProxy["writes"];
  readonly aftermath: readonly CvmAftermath[];
  /** Requests that began later, on the clock of `performance.now()`, can find the port closed. */
  readonly portClosesAt: number;
};

function group<T>(items: Iterable<T>, name: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  return groups;
}

const isAccepted = ({ status }: JournalEntry) => status !== null && status >= 200 && status < 300;
const markJournal = ({ path, body }: JournalEntry) => `${path.split("/").at(-1)} ${JSON.stringify(body)}`;

function proveWrite(record: WriteRecord, accepted: number, arrivals: number, portClosesAt: number): string[] {
  const { answers, keyed, marker } = record;
  const reported = `${marker}: ${accepted} applied, reported ${JSON.stringify(answers)}`;
  const problems: string[] = [];
  const acceptances = answers.filter((answer) => answer.kind === "accepted");
  if (accepted > 1) problems.push(`DOUBLED ${reported}`);
  if (acceptances.length > 0 && accepted !== 1) problems.push(`LOST ${reported}`);
  if (accepted > 0 && answers.every(({ kind }) => kind === "refused" || kind === "unanswered"))
    problems.push(`APPLIED THOUGH REFUSED ${reported}`);
  if (new Set(acceptances.map(({ correlationId }) => correlationId)).size > 1)
    problems.push(`TWO OUTCOMES ${reported}`);
  if (answers.some(({ kind }) => kind === "unknown") && acceptances.length > 0)
    problems.push(`UNKNOWN AND KNOWN ${reported}`);
  if (answers.some((answer) => answer.kind === "unanswered" && answer.startedAt < portClosesAt))
    problems.push(`UNANSWERED ${reported}`);
  // The gateway repeats a write only after a 409.
  if (arrivals > (keyed ? answers.length : 1)) problems.push(`SENT AGAIN (${arrivals} times) ${reported}`);
  return problems;
}

function proveCvm(
  { cvm, hostname, updates }: CvmAftermath,
  evidence: Evidence,
  records: readonly WriteRecord[],
): string[] {
  const problems: string[] = [];
  const changes = evidence.journal.filter(
    (entry) => isAccepted(entry) && entry.path.endsWith(cvm.id) && "user_config" in entry.body,
  );
  if (changes.length !== updates.length)
    problems.push(`${cvm.id}: ${changes.length} writes accepted, ${updates.length} updates run`);
  const last = changes.at(-1);
  const expected = last === undefined ? null : JSON.parse(last.body.user_config).hostname;
  if (expected !== null && hostname !== expected)
    problems.push(`${cvm.id}: has ${hostname}, the last accepted write set ${expected}`);
  for (const { answers, marker } of records)
    for (const answer of answers)
      if (
        answer.kind === "accepted" &&
        answer.correlationId !== null &&
        !updates.includes(answer.correlationId)
      )
        problems.push(`${marker}: its operation ${answer.correlationId} did not run`);
  return problems;
}

/** Compare what clients received with what the sandbox did. @returns every contradiction. */
export function prove(evidence: Evidence): string[] {
  const { received, journal, arrived, aftermath, portClosesAt } = evidence;
  const byMarker = group(journal, markJournal);
  const arrivals = group(
    arrived.filter(({ status }) => status !== 409),
    ({ path, body }) => `${path.split("/").at(-1)} ${body}`,
  );
  const byCvm = group(received.writes, ({ cvm }) => cvm.id);
  const known = new Set(received.writes.map(({ marker }) => marker));
  const ids = received.writes.flatMap(({ answers }) => {
    const id = answers.find((answer) => answer.kind === "accepted")?.correlationId;
    return id === null || id === undefined ? [] : [id];
  });
  return [
    ...received.problems,
    ...received.unansweredReads
      .filter(({ startedAt }) => startedAt < portClosesAt)
      .map(({ reason }) => `UNANSWERED READ ${reason}`),
    ...received.writes.flatMap((record) => {
      const entries = byMarker.get(record.marker) ?? [];
      const sent = arrivals.get(record.marker)?.length ?? 0;
      return proveWrite(record, entries.filter(isAccepted).length, sent, portClosesAt);
    }),
    ...[...byMarker.keys()].filter((marker) => !known.has(marker)).map((marker) => `UNKNOWN WRITE ${marker}`),
    ...journal.filter(({ status }) => status === null).map((entry) => `NO STATUS ${markJournal(entry)}`),
    ...(new Set(ids).size === ids.length ? [] : ["Two changes have the same operation."]),
    ...aftermath.flatMap((after) => proveCvm(after, evidence, byCvm.get(after.cvm.id) ?? [])),
  ];
}
