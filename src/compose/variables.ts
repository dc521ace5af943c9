import { isScalar, visit } from "yaml";
import { ENV_LIMITS } from "../crypto/env-rules.ts";
import { composeLimits } from "../limits.ts";
import type { ComposeDocument } from "./document.ts";
import type { ComposeProblem } from "./problem.ts";
import { listPassedVariables, usesEnvFiles } from "./services.ts";

/** Start of a variable in Compose syntax. `$$` is a dollar sign; an operator follows a name in braces. */
const VARIABLE = /\$\$|\$\{([A-Za-z_]\w*)(:?[-?+])?|\$([A-Za-z_]\w*)/g;

/** Variables that Compose or the shell of the guest sets. */
const SUPPLIED = /^(?:COMPOSE_\w+|DOCKER_\w+|DSTACK_\w+|HOME|HOSTNAME|PATH|PWD|USER)$/;

/** What supplies variables to a Compose file. */
export type VariableSources = {
  /** The pre-launch script. It runs in the same shell, so it may set any variable that it names. */
  readonly script: string;
  /** Names of the environment variables that the guest will accept. */
  readonly names: readonly string[];
};

type Use = { readonly name: string; readonly operator: string; readonly offset: number };

/** List the first use of each variable in the values of a Compose file, without comments and keys. */
function listUses({ root, text }: ComposeDocument): Use[] {
  const uses = new Map<string, Use>();
  visit(root, {
    Scalar(key, node) {
      if (key === "key" || !isScalar(node) || !node.range) return;
      const [start, end] = node.range;
      for (const match of text.slice(start, end).matchAll(VARIABLE)) {
        const name = match[1] ?? match[3];
        if (name === undefined || name.length > ENV_LIMITS.keyBytes || uses.has(name)) continue;
        uses.set(name, { name, operator: match[2] ?? "", offset: start + match.index });
      }
    },
  });
  return [...uses.values()];
}

/** Find variables that are used but not set, and names that are set but not used. */
export function findVariableProblems(
  document: ComposeDocument,
  { script, names }: VariableSources,
): ComposeProblem[] {
  const scriptWords = new Set(script.match(/\w+/g));
  const supplied = new Set(names);
  const isSet = (name: string) => supplied.has(name) || SUPPLIED.test(name) || scriptWords.has(name);
  const uses = listUses(document);
  const undefinedUses = uses.filter(({ name, operator }) => !/[-+]/.test(operator) && !isSet(name));
  const used = new Set([...uses.map(({ name }) => name), ...listPassedVariables(document)]);
  const unused = usesEnvFiles(document)
    ? []
    : names.filter((name) => !used.has(name) && !SUPPLIED.test(name) && !scriptWords.has(name));
  return [
    ...undefinedUses.slice(0, composeLimits.problems).map(
      ({ name, operator, offset }): ComposeProblem => ({
        severity: operator.includes("?") ? "ERROR" : "WARNING",
        code: "VARIABLE_UNDEFINED",
        message: `The Docker Compose file uses \${${name}}, but no environment variable has this name.`,
        ...document.locate(offset),
        subject: "file",
      }),
    ),
    ...unused.slice(0, composeLimits.problems).map(
      (name): ComposeProblem => ({
        severity: "WARNING",
        code: "ENV_KEY_UNUSED",
        message: `No service uses the environment variable ${name}. List it under \`environment\`.`,
        line: null,
        column: null,
        subject: "names",
      }),
    ),
  ];
}
