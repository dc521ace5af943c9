import type { ConditionalCalls, FieldCostOptions } from "./field-cost.ts";

const words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

function formatNumber(count: number): string {
  return words[count] ?? String(count);
}

function formatCalls(count: number): string {
  return `${formatNumber(count)} upstream call${count === 1 ? "" : "s"}`;
}

function joinClauses([first = "", ...rest]: readonly string[]): string {
  const last = rest.pop();
  if (last === undefined) return first;
  return rest.length === 0 ? `${first}, and ${last}` : `${[first, ...rest].join(", ")}, and ${last}`;
}

/** The most parts of a cost that one sentence holds. More of them become a list. */
const MAX_CLAUSES = 2;

/** Describe the calls of some cases, as a sentence: "Costs one upstream call, and one more for image." */
function formatSentence<Args>(always: string | null, more: readonly ConditionalCalls<Args>[]): string {
  const clauses = more.map(({ calls, when, repeatsBefore }, index) => {
    const limit = calls > 1 ? "up to " : "";
    if (repeatsBefore) return `as many again and ${formatNumber(calls)} more ${when}`;
    if (always !== null) return `${limit}${formatNumber(calls)} more ${when}`;
    return `${limit}${index === 0 ? formatCalls(calls) : formatNumber(calls)} ${when}`;
  });
  return `Costs ${joinClauses(always === null ? clauses : [always, ...clauses])}.`;
}

/** Describe the calls of many cases, as a Markdown list with one case per line. */
function formatList<Args>(always: string | null, more: readonly ConditionalCalls<Args>[]): string {
  const items = more.map(({ calls, when, repeatsBefore }) => {
    if (repeatsBefore) return `- the calls above again, and ${formatNumber(calls)} more, ${when}`;
    return `- ${calls > 1 ? "up to " : ""}${formatNumber(calls)} ${when}`;
  });
  return `\n\nCosts ${always === null ? "upstream calls" : `${always}, and more`}:\n\n${items.join("\n")}`;
}

/** Describe a cost in words, as the end of a field's description: "Costs one upstream call." */
export function formatCost<Args>({ calls, more = [], batched, shared }: FieldCostOptions<Args>): string {
  const always =
    calls > 0 || more.length === 0
      ? `${formatCalls(calls)}${batched ? ", which all objects of a page share" : ""}`
      : null;
  const isList = more.length > MAX_CLAUSES;
  const cost = isList ? formatList(always, more) : ` ${formatSentence(always, more)}`;
  if (shared === undefined) return cost;
  return `${cost}${isList ? "\n\n" : " "}Selected together, ${shared} share calls.`;
}
