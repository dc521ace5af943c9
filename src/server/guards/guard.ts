import type { DocumentNode, ExecutionResult, GraphQLError, GraphQLSchema } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { Context } from "../../context.ts";

/** One operation that is about to run. Its variables are as the client sent them. */
export type GuardedOperation = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: unknown;
  readonly variableValues?: unknown;
  readonly contextValue: Context & { readonly request: Request };
};

/** Return the error that rejects an operation, or null to let it run. */
type Check = (operation: GuardedOperation) => GraphQLError | null | Promise<GraphQLError | null>;

type OperationEvent = {
  readonly args: GuardedOperation;
  setResultAndStopExecution(result: ExecutionResult): void;
};

/** Create a plugin that checks every query, mutation and subscription before it runs. */
export function createGuard(check: Check): Plugin<Context> {
  const guard = async ({ args, setResultAndStopExecution }: OperationEvent): Promise<void> => {
    const error = await check(args);
    if (error !== null) setResultAndStopExecution({ errors: [error] });
  };
  return { onExecute: guard, onSubscribe: guard };
}
