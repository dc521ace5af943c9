import type { Rights } from "../../access/rights.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { CvmRead, Loaders } from "../../upstream/loaders.ts";

/** What the rights of a caller add to the cost of a write. */
export type CostedRights = Pick<Rights, "hasLimits" | "staysInWorkspace">;

/** Calls that a field makes in some cases only. */
export type ConditionalCalls<Args> = {
  /** The most calls that one such case makes. */
  readonly calls: number;
  /** The case, as the end of a sentence: "while an operation runs", "for each CVM". */
  readonly when: string;
  /** How often the arguments and the rights of the caller allow the case. Once, if left out. `false` means never. */
  readonly times?: (args: Args, rights: CostedRights) => number | boolean;
  /** In this case the field also sends again what it has sent up to here: `calls` and the cases before this one. */
  readonly repeatsBefore?: true;
};

/**
 * The most upstream calls that one resolution of a field sends, without retries. The budget of an operation
 * and the last sentence of the field's description both come from this declaration.
 */
export type FieldCostOptions<Args> = {
  /** Calls that the field makes in every case. */
  readonly calls: number;
  /** Calls that it can make in addition. */
  readonly more?: readonly ConditionalCalls<Args>[];
  /** One call serves all objects of one page. */
  readonly batched?: boolean;
  /**
   * Names the fields of one object that send the same calls, for example "the flags of one CVM". Of these
   * fields, the budget counts only the most expensive one.
   */
  readonly shared?: string;
  /** How many objects the field returns. Each costs what is selected on it. One, if left out. */
  readonly items?: (args: Args) => number;
  /**
   * The read that a field of a CVM sends, if it is always sent and needs nothing but the id of the CVM. A function
   * sends one that depends on the arguments. It throws if the field will reject them.
   */
  readonly read?: CvmRead | ((loaders: Loaders, cvm: CvmRef, args: Args) => void);
  /** The items are read one by one, so that no batch serves them together. */
  readonly separateItems?: boolean;
};

/** Arguments of a field, with their defaults. */
type Arguments = Record<string, unknown>;

function toCount(value: number | boolean): number {
  const count = Number(value);
  return Number.isFinite(count) ? Math.max(0, count) : 0;
}

/** Upstream cost of a field, as the budget reads it from the field's extensions. */
export class FieldCost {
  readonly options: FieldCostOptions<Arguments>;

  constructor(options: FieldCostOptions<Arguments>) {
    this.options = options;
  }

  /** Whether the cost depends on the arguments. */
  get varies(): boolean {
    const { items, more = [] } = this.options;
    return items !== undefined || more.some(({ times }) => times !== undefined);
  }

  /** The most calls that the field itself sends for one object. */
  countCalls(args: Arguments, rights: CostedRights): number {
    const { calls, more = [] } = this.options;
    return more.reduce(
      (sum, { calls: own, times, repeatsBefore }) =>
        sum + (own + (repeatsBefore ? sum : 0)) * toCount(times?.(args, rights) ?? 1),
      calls,
    );
  }

  /** The number of objects that the field returns. */
  countItems(args: Arguments): number {
    return toCount(this.options.items?.(args) ?? 1);
  }
}

/** Return the declared cost of a field; undefined for a value that comes with its parent. */
export function findFieldCost(field: { readonly extensions: object }): FieldCost | undefined {
  const cost: unknown = Reflect.get(field.extensions, "upstreamCost");
  return cost instanceof FieldCost ? cost : undefined;
}
