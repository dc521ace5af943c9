import {
  coerceInputValue,
  type GraphQLInputType,
  getNullableType,
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
import type { Context } from "../../context.ts";
import { createInputError, type FieldProblem } from "../../errors.ts";
import { MAX_FIELD_PROBLEMS } from "../../limits.ts";
import { findOperation } from "../documents/find-operation.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";
import { removeSuggestion } from "../errors/validation-messages.ts";
import { createGuard, type GuardedOperation } from "./guard.ts";

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
  return isLeafType(item) && !unset ? `Expected a value of type "${item}".` : removeSuggestion(original);
}

function mapByName(variableValues: unknown): Map<string, unknown> {
  return new Map(
    typeof variableValues === "object" && variableValues !== null ? Object.entries(variableValues) : [],
  );
}

/** Stops the coercion of a value at the limit of problems. */
class EnoughProblems extends Error {}

/** Find the problems of one value, at most {@link MAX_FIELD_PROBLEMS}. */
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
 * Find variables that are null in a place that requires a value. A default makes this valid by GraphQL's
 * rules. Execution would then fail with a message that can quote literals.
 */
function findNullProblems(
  { schema, document }: GuardedOperation,
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

/** Find variables that do not match their types. Messages name the input path and never quote a value. */
function findVariableProblems(args: GuardedOperation): FieldProblem[] {
  const { schema, document, operationName, variableValues } = args;
  const operation = findOperation(document, operationName);
  const given = mapByName(variableValues);
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

/** Check the variables before execution does, because GraphQL's own messages quote the rejected value. */
export function useVariables(): Plugin<Context> {
  return createGuard((operation) => {
    const problems = findVariableProblems(operation);
    return problems.length === 0
      ? null
      : toGraphQLError(createInputError(problems), { spec: true, status: 400 });
  });
}
