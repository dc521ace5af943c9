import { isMap, isScalar, isSeq, type Node, type YAMLMap } from "yaml";
import { composeLimits } from "../limits.ts";
import type { ComposeDocument } from "./document.ts";

/** Look up a key in a mapping and in what it merges (`<<`). */
export function lookUp({ budget, resolve }: ComposeDocument, map: YAMLMap, key: string): Node | null {
  const queue = [map];
  for (let step = 0; step < composeLimits.mergeSteps; step += 1) {
    const current = queue.shift();
    if (current === undefined) return null;
    budget.spend(current.items.length + 1);
    const own = resolve(current.get(key, true));
    if (own !== null) return own;
    for (const { key: name, value } of current.items) {
      if (!isScalar(name) || !["<<", "Symbol(<<)"].includes(String(name.value))) continue;
      const merged = resolve(value);
      const sources = isSeq(merged) ? merged.items : [merged];
      budget.spend(sources.length);
      queue.push(...sources.map((item) => resolve(item)).filter(isMap));
    }
  }
  return null;
}

/** Return the text of a scalar; null for anything else. */
export function findText(node: Node | null): string | null {
  return isScalar(node) && typeof node.value === "string" ? node.value : null;
}

/** List the items of a sequence; none for anything else. */
export function listItems({ budget, resolve }: ComposeDocument, node: Node | null): (Node | null)[] {
  if (!isSeq(node)) return [];
  budget.spend(node.items.length);
  return node.items.map((item) => resolve(item));
}

/** List the services of a file with their names. */
export function listServices({ budget, services, resolve }: ComposeDocument) {
  budget.spend(services.items.length);
  return services.items
    .slice(0, composeLimits.services)
    .map(({ key, value }) => ({ name: resolve(key), service: resolve(value) }));
}
