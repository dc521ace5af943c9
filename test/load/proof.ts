import type { JournalEntry } from "../support/gateway.ts";
import type { FaultyProxy } from "../support/upstream/random-faults.ts";
import type { Heard, LoadedCvm, WriteRecord } from "./clients.ts";

/** What the sandbox says of one CVM after the load. */
export type CvmAftermath = {
  readonly cvm: LoadedCvm;
  readonly hostname: string | null;
  /** Correlation ids of its configuration updates. */
  readonly updates: readonly string[];
};

/** All that is compared. */
export type Evidence = {
  readonly heard: Heard;
  readonly journal: readonly JournalEntry[];
  readonly arrived: FaultyProxy["writes"];
  readonly aftermath: readonly CvmAftermath[];
  /** Requests that began later, on the clock of `performance.now()`, may have met a closed door. */
  readonly doorClosesAt: number;
};

function group<T>(items: Iterable<T>, name: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) groups.set(name(item), [...(groups.get(name(item)) ?? []), item]);
  return groups;
}

const isAccepted = ({ status }: JournalEntry) => status !== null && status >= 200 && status < 300;
const markJournal = ({ path, body }: JournalEntry) => `${path.split("/").at(-1)} ${JSON.stringify(body)}`;

function proveWrite(record: WriteRecord, accepted: number, arrivals: number, doorClosesAt: number): string[] {
  const { answers, keyed, marker } = record;
  const told = `${marker}: ${accepted} applied, told ${JSON.stringify(answers)}`;
  const problems: string[] = [];
  const taken = answers.filter((answer) => answer.kind === "accepted");
  if (accepted > 1) problems.push(`DOUBLED ${told}`);
  if (taken.length > 0 && accepted !== 1) problems.push(`LOST ${told}`);
  if (accepted > 0 && answers.every(({ kind }) => kind === "refused" || kind === "unanswered"))
    problems.push(`APPLIED THOUGH REFUSED ${told}`);
  if (new Set(taken.map(({ correlationId }) => correlationId)).size > 1)
    problems.push(`TWO OUTCOMES ${told}`);
  if (answers.some(({ kind }) => kind === "unknown") && taken.length > 0)
    problems.push(`UNKNOWN AND KNOWN ${told}`);
  if (answers.some((answer) => answer.kind === "unanswered" && answer.startedAt < doorClosesAt))
    problems.push(`UNANSWERED ${told}`);
  // Only a 409 may be asked again by the gateway itself.
  if (arrivals > (keyed ? answers.length : 1)) problems.push(`SENT AGAIN (${arrivals} times) ${told}`);
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
    problems.push(`${cvm.id}: has ${hostname}, the last accepted write said ${expected}`);
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

/** Compares what clients were told with what the sandbox did. @returns every contradiction. */
export function prove(evidence: Evidence): string[] {
  const { heard, journal, arrived, aftermath, doorClosesAt } = evidence;
  const byMarker = group(journal, markJournal);
  const arrivals = group(
    arrived.filter(({ status }) => status !== 409),
    ({ path, body }) => `${path.split("/").at(-1)} ${body}`,
  );
  const byCvm = group(heard.writes, ({ cvm }) => cvm.id);
  const known = new Set(heard.writes.map(({ marker }) => marker));
  const ids = heard.writes.flatMap(({ answers }) => {
    const id = answers.find((answer) => answer.kind === "accepted")?.correlationId;
    return id === null || id === undefined ? [] : [id];
  });
  return [
    ...heard.problems,
    ...heard.unansweredReads
      .filter(({ startedAt }) => startedAt < doorClosesAt)
      .map(({ reason }) => `UNANSWERED READ ${reason}`),
    ...heard.writes.flatMap((record) => {
      const entries = byMarker.get(record.marker) ?? [];
      const sent = arrivals.get(record.marker)?.length ?? 0;
      return proveWrite(record, entries.filter(isAccepted).length, sent, doorClosesAt);
    }),
    ...[...byMarker.keys()].filter((marker) => !known.has(marker)).map((marker) => `NOBODY ASKED ${marker}`),
    ...journal.filter(({ status }) => status === null).map((entry) => `NO STATUS ${markJournal(entry)}`),
    ...(new Set(ids).size === ids.length ? [] : ["Two changes were told the same operation."]),
    ...aftermath.flatMap((after) => proveCvm(after, evidence, byCvm.get(after.cvm.id) ?? [])),
  ];
}
