import {
  coerceInputValue,
  type GraphQLInputType,
  getNullableType,
  isInputObjectType,
  isInputType,
  isLeafType,
  isListType,
  isNonNullType,
  typeFromAST,
  valueFromAST,
} from "graphql";
import { createInputError, type FieldProblem } from "../../errors.ts";
import { MAX_FIELD_PROBLEMS, MAX_VARIABLE_VALUES } from "../../limits.ts";
import { findFieldInMessage } from "../errors/argument-path.ts";
import { describeExpectedValue } from "../errors/expected-value.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";
import { exceedsValues } from "./count-values.ts";
import type { GuardedOperation } from "./guard.ts";
import { listVariableUses, type VariableUse } from "./variable-uses.ts";

/** A problem of a variable. `path` is below the value of the variable. */
type VariableProblem = {
  readonly variable: string;
  readonly path: readonly (string | number)[];
  readonly message: string;
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
  return isLeafType(item) && !unset ? describeExpectedValue(item) : original;
}

/** Stops the coercion of a value at the limit of problems. */
class EnoughProblems extends Error {}

/**
 * Coerce one value, and add its problems to a list, which ends at {@link MAX_FIELD_PROBLEMS}.
 *
 * @returns the coerced value. It has no meaning if there are problems.
 */
function coerceValue(
  variable: string,
  value: unknown,
  type: GraphQLInputType,
  suggestNames: boolean,
  problems: VariableProblem[],
): unknown {
  try {
    const report = (path: readonly (string | number)[], wrong: unknown, error: Error) => {
      const message = describeProblem(findTypeAt(type, path), wrong, error.message);
      const field = findFieldInMessage(error.message);
      problems.push({ variable, path: field === null ? path : [...path, field], message });
      if (problems.length >= MAX_FIELD_PROBLEMS) throw new EnoughProblems();
    };
    return coerceInputValue(value, type, report, !suggestNames);
  } catch (error) {
    if (!(error instanceof EnoughProblems)) throw error;
    return undefined;
  }
}

/** Give each problem the input path of the first place where the operation uses its variable. */
function placeProblems(problems: readonly VariableProblem[], uses: readonly VariableUse[]): FieldProblem[] {
  return problems.map(({ variable, path, message }) => {
    const place = uses.find(({ name }) => name === variable)?.path ?? variable;
    return { path: [place, ...path].join("."), message };
  });
}

/**
 * Find variables that are null in a place that requires a value. A default makes this valid by GraphQL's
 * rules. Execution would then fail with a message that can quote literals.
 */
function findNullProblems(uses: readonly VariableUse[], given: ReadonlyMap<string, unknown>): FieldProblem[] {
  return uses.flatMap(({ name, path, argument, type }) =>
    given.get(name) === null && isNonNullType(type)
      ? [{ path, message: `Must not be null in the argument "${argument}", type "${type}".` }]
      : [],
  );
}

/** Report that the variables have too many values, at the first variable that has too many by itself. */
function describeExcess({ operation, variableValues }: GuardedOperation, uses: readonly VariableUse[]) {
  const message = `The variables have too many values: lists and objects can have ${MAX_VARIABLE_VALUES} items and fields together.`;
  const names = (operation.variableDefinitions ?? []).map(({ variable }) => variable.name.value);
  const large = names.find((name) => exceedsValues(variableValues[name], MAX_VARIABLE_VALUES - names.length));
  return [{ path: uses.find(({ name }) => name === large)?.path ?? "variables", message }];
}

/** Variables that match their types, or the problems of those that do not. */
type Coerced =
  | { readonly variables: Readonly<Record<string, unknown>> }
  | { readonly problems: FieldProblem[] };

/** Coerce the variables to their types. Messages name the input path and never quote a value. */
function coerceAll(args: GuardedOperation, suggestNames: boolean): Coerced {
  const { schema, document, operation, variableValues } = args;
  const listUses = () => listVariableUses(schema, document, operation.name?.value ?? "");
  if (exceedsValues(variableValues, MAX_VARIABLE_VALUES))
    return { problems: describeExcess(args, listUses()) };
  const given = new Map(Object.entries(variableValues));
  const problems: VariableProblem[] = [];
  // A variable can have the name of a member that every object inherits, such as `__proto__`.
  const variables: Record<string, unknown> = Object.create(null);
  for (const { variable, type: typeNode, defaultValue } of operation.variableDefinitions ?? []) {
    const name = variable.name.value;
    const type = typeFromAST(schema, typeNode);
    if (!isInputType(type)) continue;
    if (given.get(name) === undefined) {
      if (isNonNullType(type) && defaultValue === undefined) {
        problems.push({ variable: name, path: [], message: `A value of type "${type}" is required.` });
      }
      if (defaultValue !== undefined) variables[name] = valueFromAST(defaultValue, type);
      continue;
    }
    variables[name] = coerceValue(name, given.get(name), type, suggestNames, problems);
  }
  if (problems.length > 0) return { problems: placeProblems(problems, listUses()) };
  const nulls = [...given.values()].includes(null) ? findNullProblems(listUses(), given) : [];
  return nulls.length > 0 ? { problems: nulls } : { variables };
}

/** Coerces the variables of an operation. @throws {GraphQLError} `BAD_USER_INPUT` with every problem */
export type CoerceVariables = (operation: GuardedOperation) => Readonly<Record<string, unknown>>;

/**
 * Create the function that checks the variables before execution does, because GraphQL's own messages quote the
 * rejected value. With `suggestNames`, the message for an unknown input field suggests names of the schema.
 */
export function createVariableGuard(suggestNames: boolean): CoerceVariables {
  return (operation) => {
    const coerced = coerceAll(operation, suggestNames);
    if ("variables" in coerced) return coerced.variables;
    throw toGraphQLError(createInputError(coerced.problems), { spec: true, status: 400 });
  };
}
