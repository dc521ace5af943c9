import type { ComposeProblem } from "../../compose/problem.ts";
import type { Context } from "../../context.ts";
import { MAX_COMPOSE_BYTES } from "../../limits.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";

/** A text of an input and the path of its field. */
export type TextField = { readonly path: string; readonly text: string | undefined };

/** Find what is wrong with the sizes of a Compose file and a script, which share one limit. */
export function findSizeProblems(compose: TextField, script: TextField): InputProblem[] {
  const broken = [compose, script].filter(({ text }) => text?.isWellFormed() === false);
  if (broken.length > 0) {
    return broken.map(({ path }) =>
      describeInvalid(path, "It has a lone surrogate, which UTF-8 cannot encode."),
    );
  }
  const bytes = Buffer.byteLength(compose.text ?? "") + Buffer.byteLength(script.text ?? "");
  if (bytes <= MAX_COMPOSE_BYTES) return [];
  const message = `The Docker Compose file and the pre-launch script have ${bytes} bytes together. The limit is ${MAX_COMPOSE_BYTES} bytes.`;
  return [{ code: "SIZE_LIMIT", path: compose.text ? compose.path : script.path, message }];
}

/**
 * Find what is wrong with a Compose file and a script that are sent together. The text is parsed only if its
 * size is right.
 *
 * @throws {GatewayError} `RATE_LIMITED` if too many files are being checked
 */
export async function findTextProblems(
  { composeInspector, caller }: Pick<Context, "composeInspector" | "caller">,
  compose: TextField,
  script: TextField,
): Promise<InputProblem[]> {
  const problems = findSizeProblems(compose, script);
  const { path, text } = compose;
  if (text === undefined || problems.length > 0) return problems;
  if (text.trim() === "") return [describeInvalid(path, "It must not be empty.")];
  const { syntax } = await composeInspector.inspect(caller, { text });
  return syntax.map((problem) => toInputProblem(problem, path));
}

function toInputProblem({ code, message, line, column }: ComposeProblem, path: string): InputProblem {
  return { code, path, message, ...(line === null || column === null ? {} : { line, column }) };
}
