import { isScalar, visit } from "yaml";
import type { ComposeDocument } from "../compose/compose-document.ts";
import type { PlanProblem } from "./plan-problem.ts";
import { listPassedVariables, usesEnvFiles } from "./services.ts";

/** The start of a variable in Compose's syntax: `$$` is a dollar sign, an operator stands after a name in braces. */
const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(:?[-?+])?|\$([A-Za-z_]\w*)/g;

/** Names that Compose or the guest's shell supplies. */
const SUPPLIED = /^(?:COMPOSE_\w+|DOCKER_\w+|DSTACK_\w+|HOME|HOSTNAME|PATH|PWD|USER)$/;

type Use = { readonly name: string; readonly operator: string; readonly offset: number };

/** Every variable in the values of a Compose file; comments and keys are not looked at. */
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

/** What the check of variables is about. */
export type VariableCheck = {
  readonly document: ComposeDocument;
  readonly script: string;
  /** The keys that the guest will take. */
  readonly keys: readonly string[];
  /** The input that holds the Compose text; null where the CVM's own is meant. */
  readonly composeField: string | null;
  /** The input that a problem with a key belongs to. */
  readonly keysField: string;
};

function findUndefined(
  { document, keys, composeField, keysField }: VariableCheck,
  uses: readonly Use[],
  words: ReadonlySet<string>,
) {
  const supplied = new Set(keys);
  const told = new Set<string>();
  return uses.flatMap(({ name, operator, offset }): PlanProblem[] => {
    const optional = operator.includes("-") || operator.includes("+");
    if (optional || supplied.has(name) || told.has(name) || SUPPLIED.test(name)) return [];
    told.add(name);
    // The script runs in the same shell: a name that stands in it may be set there.
    if (words.has(name)) return [];
    const place = composeField === null ? { line: null, column: null } : document.locate(offset);
    return [
      {
        severity: operator.includes("?") ? "ERROR" : "WARNING",
        code: "VARIABLE_UNDEFINED",
        message: `The Docker Compose file uses \${${name}}, which no environment key supplies.`,
        field: composeField ?? keysField,
        ...place,
      },
    ];
  });
}

function listWords(script: string): Set<string> {
  return new Set(script.match(/\w+/g));
}

/** Finds variables that nothing supplies, and keys that nothing uses. */
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
        message: `No service uses the environment key ${key}: name it under environment.`,
        field: keysField,
        line: null,
        column: null,
      }),
    ),
  ];
}
