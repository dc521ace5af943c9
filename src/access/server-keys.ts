import { readFile } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import type { Credential } from "../credential.ts";
import type { FileProblem, ParsedFile } from "./access-file.ts";

/** Return the value of an environment variable, or undefined. */
export type ReadVariable = (name: string) => string | undefined;

/** A key as a header can carry it. */
const KEY = /^[\x21-\x7e]{1,4096}$/;

/** The credentials of the workspaces by name, and the workspaces whose key cannot be used. */
type ServerKeys = {
  readonly credentials: ReadonlyMap<string, Credential>;
  readonly problems: readonly FileProblem[];
};

/**
 * Read the API keys of the workspaces, from files or environment variables. A file name is relative to the access
 * file.
 *
 * @param path - of the access file
 */
export async function readServerKeys(
  path: string,
  { workspaces, describe }: ParsedFile,
  readVariable: ReadVariable,
): Promise<ServerKeys> {
  const credentials = new Map<string, Credential>();
  const problems: FileProblem[] = [];
  for (const [name, { apiKeyFile, apiKeyEnv = "", slug = null }] of Object.entries(workspaces)) {
    const source = apiKeyFile === undefined ? "apiKeyEnv" : "apiKeyFile";
    const text =
      apiKeyFile === undefined
        ? readVariable(apiKeyEnv)
        : await readFile(resolve(dirname(path), apiKeyFile), "utf8").catch(() => undefined);
    const secret = text?.trim() ?? "";
    if (KEY.test(secret))
      credentials.set(name, { scheme: "apiKey", secret, workspace: slug, isServerKey: true });
    else problems.push(describe(["workspaces", name, source], explain(source, text)));
  }
  return { credentials, problems };
}

function explain(source: "apiKeyFile" | "apiKeyEnv", text: string | undefined): string {
  const what = source === "apiKeyFile" ? "a file" : "an environment variable";
  if (text === undefined) return `names ${what} that cannot be read`;
  return `names ${what} that does not hold one API key`;
}
