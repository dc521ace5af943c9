import { MAX_COMPOSE_BYTES } from "../../limits.ts";
import { describeInvalid, type InputProblem } from "../write/input-problem.ts";
import { parseComposeDocument } from "./compose-document.ts";

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

/** Find what is wrong with a Compose file itself: it is empty, not YAML, or has no services. */
function findComposeProblems({ path, text }: TextField): readonly InputProblem[] {
  if (text === undefined) return [];
  if (text.trim() === "") return [describeInvalid(path, "It must not be empty.")];
  if (Buffer.byteLength(text) > MAX_COMPOSE_BYTES) return [];
  return parseComposeDocument(text, path).problems;
}

/** Find what is wrong with a Compose file and a script that are sent together. */
export function findTextProblems(compose: TextField, script: TextField): InputProblem[] {
  return [...findSizeProblems(compose, script), ...findComposeProblems(compose)];
}
