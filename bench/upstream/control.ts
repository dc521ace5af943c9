/** State of the fake REST API that the benchmark sets. */
export type UpstreamControl = {
  /** Time that the REST API takes to answer. */
  readonly delayMs: number;
  /** Fixed tick, so that equal calls have equal answers. Null: each answer differs. */
  readonly tick: number | null;
};

/** What the fake REST API has counted since its start. */
export type UpstreamCounters = { readonly calls: number; readonly connections: number };
