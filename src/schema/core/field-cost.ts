/** The arguments of a field, with their defaults. */
type Arguments = Readonly<Record<string, unknown>>;

/** A number that may depend on the arguments. */
type Amount = number | ((args: Arguments) => number);

type FieldCostOptions = {
  /** How many objects it hands out, each of which costs what is selected on it. One unless said. */
  readonly items?: Amount;
  /** One call carries it for all objects that come together, as the items of one page do. */
  readonly batched?: boolean;
  /** Its items come one by one, so that they share no batch. */
  readonly apart?: boolean;
};

function evaluate(amount: Amount, args: Arguments): number {
  const value = typeof amount === "function" ? amount(args) : amount;
  return Number.isFinite(value) ? Math.max(0, value) : 0;
}

/** What resolving a field costs in upstream calls, at most. Retries are not counted. */
export class FieldCost {
  readonly batched: boolean;
  readonly apart: boolean;
  /** Whether the arguments say how much it is. */
  readonly varies: boolean;
  readonly #calls: Amount;
  readonly #items: Amount;

  constructor(calls: Amount, { items = 1, batched = false, apart = false }: FieldCostOptions) {
    this.varies = typeof calls === "function" || typeof items === "function";
    this.#calls = calls;
    this.#items = items;
    this.batched = batched;
    this.apart = apart;
  }

  /** The calls of the field itself. */
  countCalls(args: Arguments): number {
    return evaluate(this.#calls, args);
  }

  /** The objects that it hands out. */
  countItems(args: Arguments): number {
    return evaluate(this.#items, args);
  }
}

/**
 * Declares what a field costs, for its `extensions`. The front door adds up an operation's fields before it
 * runs and refuses what is over the budget.
 */
export function costs(calls: Amount, options: FieldCostOptions = {}): { readonly upstreamCost: FieldCost } {
  return { upstreamCost: new FieldCost(calls, options) };
}

/** The value of a numeric argument. */
export function readCount(name: string): (args: Arguments) => number {
  return (args) => Number(args[name] ?? 0);
}

/** The length of a list argument. */
export function readLength(name: string): (args: Arguments) => number {
  return (args) => (Array.isArray(args[name]) ? args[name].length : 0);
}
