import { isScalar, visit } from "yaml";
import type { ComposeDocument } from "../compose/compose-document.ts";
import type { PlanProblem } from "./plan-problem.ts";
import { listPassedVariables, usesEnvFiles } from "./services.ts";

/** Start of a variable in Compose syntax. `$$` is a dollar sign; an operator follows a name in braces. */
const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(:?[-?+])?|\$([A-Za-z_]\w*)/g;

/** Variables that Compose or the shell of the guest sets. */
const SUPPLIED = /^(?:COMPOSE_\w+|DOCKER_\w+|DSTACK_\w+|HOME|HOSTNAME|PATH|PWD|USER)$/;

type Use = { readonly name: string; readonly operator: string; readonly offset: number };

/** List the variables in the values of a Compose file, without comments and keys. */
function listUses(document: ComposeDocument): Use[] {
  const uses: Use[] = [];
  visit(document.root, {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node) || !node.range) return;
      const [start, end] = node.range;
      for (const match of document.text.slice(start, end).matchAll(VARIABLE)) {
        const name = match[1] ?? match[3];
        if (name !== undefined) uses.push({ name, operator: match[2] ?? "", offset: start + match.index });
      }
    },
  });
  return uses;
}

/** Input of {@link findVariableProblems}. */
export type VariableCheck = {
  readonly document: ComposeDocument;
  readonly script: string;
  /** Names that the guest will accept. */
  readonly keys: readonly string[];
  /** The input field that holds the Compose file; null for the present file of the CVM. */
  readonly composeField: string | null;
  /** The input field that a problem with a name belongs to. */
  readonly keysField: string;
};

function findUndefined(
  { document, keys, composeField, keysField }: VariableCheck,
  uses: readonly Use[],
  words: ReadonlySet<string>,
) {
  const supplied = new Set(keys);
  const reported = new Set<string>();
  return uses.flatMap(({ name, operator, offset }): PlanProblem[] => {
    const optional = operator.includes("-") || operator.includes("+");
    if (optional || supplied.has(name) || reported.has(name) || SUPPLIED.test(name)) return [];
    reported.add(name);
    // The script runs in the same shell, so it may set any variable that it names.
    if (words.has(name)) return [];
    const place = composeField === null ? { line: null, column: null } : document.locate(offset);
    return [
      {
        severity: operator.includes("?") ? "ERROR" : "WARNING",
        code: "VARIABLE_UNDEFINED",
        message: `The Docker Compose file uses \${${name}}, but no environment variable has this name.`,
        field: composeField ?? keysField,
        ...place,
      },
    ];
  });
}

function listWords(script: string): Set<string> {
  return new Set(script.match(/\w+/g));
}

/** Find variables that are used but not set, and names that are set but not used. */
export function findVariableProblems(check: VariableCheck): PlanProblem[] {
  const { document, keys, keysField } = check;
  const words = listWords(check.script);
  if (document.root === null) return [];
  const uses = listUses(document);
  const used = new Set([...uses.map(({ name }) => name), ...listPassedVariables(document)]);
  const unused = usesEnvFiles(document)
    ? []
    : keys.filter((key) => !used.has(key) && !SUPPLIED.test(key) && !words.has(key));
  return [
    ...findUndefined(check, uses, words),
    ...unused.map(
      (key): PlanProblem => ({
        severity: "WARNING",
        code: "ENV_KEY_UNUSED",
        message: `No service uses the environment variable ${key}. List it under \`environment\`.`,
        field: keysField,
        line: null,
        column: null,
      }),
    ),
  ];
}
