import type { OperationDefinitionNode } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";

/** An operation whose result or stream is available, for the log and the metrics. */
export type EndedOperation = {
  readonly facts: RequestFacts;
  /** Null for a request that selects no operation. */
  readonly operation: OperationDefinitionNode | null;
  /** Whether it was executed. Otherwise, it was rejected before. */
  readonly executed: boolean;
  readonly isStream: boolean;
  readonly durationMs: number;
  /** The distinct error codes of its result, in their order. */
  readonly codes: readonly string[];
};
