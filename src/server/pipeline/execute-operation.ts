import {
  type DocumentNode,
  type ExecutionResult,
  execute,
  GraphQLError,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type Source,
} from "graphql";
import type { CompiledQuery } from "graphql-jit";
import { LRUCache } from "lru-cache";
import type { Context } from "../../context.ts";
import { MAX_COMPILED_OPERATIONS, MAX_COMPILED_SELECTIONS } from "../../limits.ts";
import { exceedsSelections } from "./expanded-selections.ts";
import { isStream } from "./stream-results.ts";

/** A query or a mutation that may run. */
type ExecutableOperation = {
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  readonly operationName: string | null;
  readonly variableValues: Readonly<Record<string, unknown>>;
};

/** Executes queries and mutations. */
export type Executor = (operation: ExecutableOperation, context: Context) => Promise<ExecutionResult>;

/** An operation runs as often as this before it is compiled, because compiling costs more than running once. */
export const COMPILE_FROM_USE = 3;

/** Return the offset of a line and a column, counted from 1. */
function findOffset({ body }: Source, { line, column }: { readonly line: number; readonly column: number }) {
  let start = 0;
  for (let left = line - 1; left > 0; left -= 1) start = body.indexOf("\n", start) + 1;
  return start + column - 1;
}

/** Convert an error of a compiled operation, which lacks the members that graphql-js gives to an error. */
function toGraphqlError({ message, locations, path, originalError }: GraphQLError, source: Source | null) {
  return new GraphQLError(message, {
    source,
    positions: source === null ? null : (locations?.map((place) => findOffset(source, place)) ?? null),
    path: path ?? null,
    originalError: originalError ?? null,
  });
}

async function runCompiled(
  { query }: CompiledQuery,
  { document, variableValues }: ExecutableOperation,
  context: Context,
): Promise<ExecutionResult> {
  const result = await query(undefined, context, variableValues);
  if (isStream(result) || result.errors === undefined) return result;
  const source = document.loc?.source ?? null;
  const errors = result.errors.map((error) => toGraphqlError(error, source));
  return result.data === undefined ? { errors } : { errors, data: result.data };
}

/** Whether a document may have a variable or an alias `__proto__`, which a compiled operation loses. */
function namesPrototype({ loc }: DocumentNode): boolean {
  return loc?.source.body.includes("__proto__") ?? false;
}

/**
 * Create the executor of a schema. An operation of a document is compiled when it runs for the `compileFrom`th time.
 * Until then, and when it cannot be compiled, graphql-js runs it.
 */
export function createExecutor(schema: GraphQLSchema, compileFrom: number): Executor {
  const uses = new WeakMap<OperationDefinitionNode, number>();
  /** Compiled operations, or null for one that cannot be compiled. */
  const compiled = new LRUCache<OperationDefinitionNode, { readonly query: CompiledQuery | null }>({
    max: MAX_COMPILED_OPERATIONS,
  });
  let jit: typeof import("graphql-jit") | null = null;
  let isLoading = false;

  /** Load the compiler. It is large, and many processes never need it. */
  async function load(): Promise<void> {
    if (isLoading) return;
    isLoading = true;
    jit = await import("graphql-jit");
  }

  function compile({ document, operation, operationName }: ExecutableOperation): CompiledQuery | null {
    const count = (uses.get(operation) ?? 0) + 1;
    uses.set(operation, count);
    if (count < compileFrom) return null;
    // The compiler expands every fragment at every spread, on the thread that answers requests.
    const isLarge = exceedsSelections(document, operation, MAX_COMPILED_SELECTIONS);
    if (isLarge || namesPrototype(document)) {
      compiled.set(operation, { query: null });
      return null;
    }
    if (jit === null) {
      void load();
      return null;
    }
    const result = jit.compileQuery(schema, document, operationName ?? undefined, {
      disablingCapturingStackErrors: true,
      // Our types are checked at compile time, and the schema's enums have no values of their own.
      disableLeafSerialization: true,
    });
    const query = jit.isCompiledQuery(result) ? result : null;
    compiled.set(operation, { query });
    return query;
  }

  async function interpret(executable: ExecutableOperation, contextValue: Context): Promise<ExecutionResult> {
    const { document, operationName, variableValues } = executable;
    return execute({ schema, document, operationName, variableValues, contextValue });
  }

  return (executable, context) => {
    const known = compiled.get(executable.operation);
    const query = known === undefined ? compile(executable) : known.query;
    return query === null ? interpret(executable, context) : runCompiled(query, executable, context);
  };
}
