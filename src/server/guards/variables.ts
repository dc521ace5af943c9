import {
  coerceInputValue,
  type DocumentNode,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  getNullableType,
  getOperationAST,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  separateOperations,
  TypeInfo,
  typeFromAST,
  visit,
  visitWithTypeInfo,
} from "graphql";
import type { Plugin } from "graphql-yoga";
import { createInputError, type FieldProblem } from "../../errors.ts";
import { MAX_FIELD_PROBLEMS } from "../../limits.ts";

type Arguments = {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operationName?: unknown;
  readonly variableValues?: unknown;
};

function findTypeAt(
  type: GraphQLInputType,
  path: readonly (string | number)[],
): GraphQLInputType | undefined {
  const nullable = getNullableType(type);
  const [key, ...rest] = path;
  if (key === undefined) return type;
  if (isListType(nullable)) return findTypeAt(nullable.ofType, typeof key === "number" ? rest : path);
  const field = isInputObjectType(nullable) ? nullable.getFields()[key] : undefined;
  return field === undefined ? undefined : findTypeAt(field.type, rest);
}

function describeProblem(type: GraphQLInputType | undefined, value: unknown, original: string): string {
  const nullable = type === undefined ? undefined : getNullableType(type);
  const item = isListType(nullable) && !Array.isArray(value) ? getNullableType(nullable.ofType) : nullable;
  const unset = value === null || value === undefined;
  return isLeafType(item) && !unset
    ? `Expected a value of type "${item}".`
    : original.replace(/ Did you mean [\s\S]*$/, "");
}

function readGiven(variableValues: unknown): Map<string, unknown> {
  return new Map(
    typeof variableValues === "object" && variableValues !== null ? Object.entries(variableValues) : [],
  );
}

/** Ends the coercion of a value of which enough is known. */
class EnoughProblems extends Error {}

/** Finds the problems of one value, and stops looking at the limit. */
function findValueProblems(name: string, value: unknown, type: GraphQLInputType): FieldProblem[] {
  const problems: FieldProblem[] = [];
  try {
    coerceInputValue(value, type, (path, wrong, error) => {
      const message = describeProblem(findTypeAt(type, path), wrong, error.message);
      problems.push({ path: [name, ...path].join("."), message });
      if (problems.length >= MAX_FIELD_PROBLEMS) throw new EnoughProblems();
    });
  } catch (error) {
    if (!(error instanceof EnoughProblems)) throw error;
  }
  return problems;
}

/**
 * Finds variables that are null where their place takes no null. A default makes that valid by GraphQL's
 * rules, and execution then fails with a message that can quote literals.
 */
function findNullProblems(
  { schema, document }: Arguments,
  operationName: string,
  given: ReadonlyMap<string, unknown>,
): FieldProblem[] {
  if (![...given.values()].includes(null)) return [];
  const problems: FieldProblem[] = [];
  const types = new TypeInfo(schema);
  const visitor = visitWithTypeInfo(types, {
    VariableDefinition: () => false,
    Variable({ name: { value: path } }) {
      const type = types.getInputType();
      if (given.get(path) !== null || !isNonNullType(type)) return;
      const argument = types.getArgument()?.name;
      problems.push({ path, message: `Must not be null in the argument "${argument}", type "${type}".` });
    },
  });
  visit(separateOperations(document)[operationName] ?? document, visitor);
  return problems;
}

/** Finds variables that do not fit their types. Messages name the input path and never quote a value. */
function findVariableProblems(args: Arguments): FieldProblem[] {
  const { schema, document, operationName, variableValues } = args;
  const operation = getOperationAST(document, typeof operationName === "string" ? operationName : undefined);
  const given = readGiven(variableValues);
  const problems: FieldProblem[] = [];
  for (const { variable, type: typeNode, defaultValue } of operation?.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue;
    if (given.get(name) === undefined) {
      if (isNonNullType(type) && defaultValue === undefined) {
        problems.push({ path: name, message: `A value of type "${type}" is required.` });
      }
      continue;
    }
    problems.push(...findValueProblems(name, given.get(name), type));
  }
  return problems.length > 0 ? problems : findNullProblems(args, operation?.name?.value ?? "", given);
}

/**
 * Checks the variables before execution does, since GraphQL's own messages quote the value they refuse.
 */
export function useVariables(): Plugin {
  const check = (args: Arguments): { errors: GraphQLError[] } | undefined => {
    const problems = findVariableProblems(args);
    if (problems.length === 0) return undefined;
    const error = createInputError(problems);
    return {
      errors: [
        new GraphQLError(error.message, {
          originalError: error,
          extensions: { http: { spec: true, status: 400 } },
        }),
      ],
    };
  };
  return {
    onExecute({ args, setResultAndStopExecution }) {
      const refusal = check(args);
      if (refusal !== undefined) setResultAndStopExecution(refusal);
    },
    onSubscribe({ args, setResultAndStopExecution }) {
      const refusal = check(args);
      if (refusal !== undefined) setResultAndStopExecution(refusal);
    },
  };
}
