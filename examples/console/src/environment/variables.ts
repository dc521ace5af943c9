import type { EnvironmentDraft, Variable } from "../changes/draft.ts";
import type { EnvFile } from "./env-file.ts";

let added = 0;

function createVariable(row: string, key: string, isPresent: boolean): Variable {
  return { row, key, value: "", isPresent, isRemoved: false, isTyped: false };
}

function createAdded(key: string): Variable {
  added += 1;
  return createVariable(`added-${added}`, key, false);
}

/** Begin with the variables that the CVM has now. */
export function createEnvironment(presentKeys: readonly string[]): EnvironmentDraft {
  const variables = presentKeys.map((key, index) => createVariable(`present-${index}-${key}`, key, true));
  return { variables, trustsUnsignedKey: false };
}

/** Whether the person has changed anything. */
export function hasChanges({ variables }: EnvironmentDraft): boolean {
  return variables.some(({ isPresent, isRemoved, isTyped }) => !isPresent || isRemoved || isTyped);
}

/** Change one variable. */
export function changeVariable(
  environment: EnvironmentDraft,
  row: string,
  change: Partial<Omit<Variable, "row" | "isPresent">>,
): EnvironmentDraft {
  const variables = environment.variables.map((one) => (one.row === row ? { ...one, ...change } : one));
  return { ...environment, variables };
}

/** Add an empty variable at the end. */
export function addVariable(environment: EnvironmentDraft): EnvironmentDraft {
  return { ...environment, variables: [...environment.variables, createAdded("")] };
}

/** Take a variable out that was added. */
export function dropVariable(environment: EnvironmentDraft, row: string): EnvironmentDraft {
  return { ...environment, variables: environment.variables.filter((one) => one.row !== row) };
}

/** Fill variables in from an .env file. */
export function fillIn(environment: EnvironmentDraft, { variables }: EnvFile): EnvironmentDraft {
  let filled = environment;
  for (const { key, value } of variables) {
    if (!filled.variables.some((one) => one.key === key)) {
      filled = { ...filled, variables: [...filled.variables, createAdded(key)] };
    }
    const row = filled.variables.find((one) => one.key === key)?.row ?? "";
    filled = changeVariable(filled, row, { value, isTyped: true, isRemoved: false });
  }
  return filled;
}

/** What a draft of an environment does to the variables of the CVM. */
export type EnvironmentEffect =
  | {
      /** Only names are taken off the list. The sealed values stay as they are. */
      readonly kind: "names";
      readonly allowedEnvs: readonly string[];
    }
  | {
      /** The whole environment is replaced. */
      readonly kind: "values";
      readonly variables: readonly { readonly key: string; readonly value: string }[];
      readonly removeKeys: readonly string[];
      /** Names that the CVM has now and that have no value here: their values would be lost. */
      readonly lostKeys: readonly string[];
    };

/** Find out what a draft does. An update replaces the whole environment, so every variable needs its value again. */
export function readEffect({ variables }: EnvironmentDraft): EnvironmentEffect {
  const removed = variables.filter(({ isRemoved }) => isRemoved).map(({ key }) => key);
  const kept = variables.filter(({ isRemoved }) => !isRemoved);
  const isTyped = kept.some((one) => one.isTyped || !one.isPresent);
  if (!isTyped) return { kind: "names", allowedEnvs: kept.map(({ key }) => key) };
  const given = kept.filter((one) => one.isTyped || !one.isPresent);
  return {
    kind: "values",
    variables: given.map(({ key, value }) => ({ key, value })),
    removeKeys: removed,
    lostKeys: kept.filter((one) => one.isPresent && !one.isTyped).map(({ key }) => key),
  };
}
