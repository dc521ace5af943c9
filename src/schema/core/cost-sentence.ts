import type { FieldCostOptions } from "./field-cost.ts";

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

/** Describe a cost in words, as the end of a field's description: "Costs one upstream call." */
export function formatCost<Args>({ calls, more = [], batched, shared }: FieldCostOptions<Args>): string {
  const clauses = more.map((part, index) => {
    const limit = part.calls > 1 ? "up to " : "";
    if (part.repeatsBefore) return `as many again and ${formatNumber(part.calls)} more ${part.when}`;
    if (calls > 0) return `${limit}${formatNumber(part.calls)} more ${part.when}`;
    return `${limit}${index === 0 ? formatCalls(part.calls) : formatNumber(part.calls)} ${part.when}`;
  });
  if (calls > 0 || clauses.length === 0) {
    clauses.unshift(`${formatCalls(calls)}${batched ? ", which all objects of a page share" : ""}`);
  }
  const sentence = `Costs ${joinClauses(clauses)}.`;
  return shared === undefined ? sentence : `${sentence} Selected together, ${shared} share calls.`;
}
