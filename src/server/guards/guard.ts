import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";

/** One operation that is about to run. Its variables are as the client sent them. */
export type GuardedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Readonly<Record<string, unknown>>;
  readonly facts: RequestFacts;
};

/** Check an operation before it runs. @returns the error that rejects it, or null to let it run */
export type Guard = (operation: GuardedOperation) => GraphQLError | null;
