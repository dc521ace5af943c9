import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";

/** One operation that is about to run. */
export type GuardedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  /** As the client sent them. */
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly facts: RequestFacts;
};

/** An operation whose variables match their types. */
export type CheckedOperation = GuardedOperation & {
  /** The variables, coerced to their types, with their defaults. */
  readonly variables: Readonly<Record<string, unknown>>;
};

/** Check an operation before it runs. @returns the error that rejects it, or null to let it run */
export type Guard = (operation: CheckedOperation) => GraphQLError | null;
