import { TooComplexError } from "./budget.ts";
import { parseComposeDocument } from "./document.ts";
import type { ComposeProblem } from "./problem.ts";
import { findServiceProblems } from "./services.ts";
import { findVariableProblems, type VariableSources } from "./variables.ts";

/** A Docker Compose file, and what to check in addition to its syntax. */
export type ComposeInspection = {
  readonly text: string;
  /** Check each service for what a CVM cannot run. */
  readonly services?: boolean;
  /** Check that each variable is set and each name is used. */
  readonly variables?: VariableSources;
};

/** Result of an inspection. */
export type ComposeReport = {
  /** Why the text is not a Compose file. */
  readonly syntax: readonly ComposeProblem[];
  /** Problems of its services and variables. Empty unless the syntax is right. */
  readonly content: readonly ComposeProblem[];
};

/** Problem of a file that needs more work than its budget allows. */
export const tooComplex: ComposeProblem = {
  severity: "ERROR",
  code: "TOO_COMPLEX",
  message:
    "The Docker Compose file is too complex to check. Use fewer aliases and merge keys, or split the file.",
  line: null,
  column: null,
  subject: "file",
};

/** Inspect a Docker Compose file. Pure, so that it can run in a worker thread. */
export function inspectCompose({ text, services = false, variables }: ComposeInspection): ComposeReport {
  let isParsed = false;
  try {
    const { document, problems } = parseComposeDocument(text);
    if (document === null) return { syntax: problems, content: [] };
    isParsed = true;
    const content = [
      ...(services ? findServiceProblems(document) : []),
      ...(variables === undefined ? [] : findVariableProblems(document, variables)),
    ];
    return { syntax: [], content };
  } catch (error) {
    if (!(error instanceof TooComplexError)) throw error;
    return isParsed ? { syntax: [], content: [tooComplex] } : { syntax: [tooComplex], content: [] };
  }
}
