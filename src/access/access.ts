import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import type { Egress } from "../egress.ts";
import { StartupError } from "../errors.ts";
import type { Logger } from "../logger.ts";
import { type FileProblem, parseAccessFile } from "./access-file.ts";
import { createIdentify } from "./identify.ts";
import { type AccessRules, compileRules } from "./rules.ts";
import { type ReadVariable, readServerKeys } from "./server-keys.ts";
import { openIssuerConnections } from "./tokens/fetch-json.ts";
import { createIssuerKeys, type KeySource } from "./tokens/issuer-keys.ts";
import type { KeySet } from "./tokens/key-set.ts";
import type { Access } from "./types.ts";

/** Thrown for an access file that cannot be used. The message lists every problem and quotes no value. */
class AccessFileError extends StartupError {
  override readonly name = "AccessFileError";

  constructor(path: string, problems: readonly FileProblem[]) {
    const lines = problems.map(
      ({ line, column, message }) => `  - ${basename(path)}:${line}:${column}: ${message}`,
    );
    super(`ACCESS_FILE cannot be used:\n${lines.join("\n")}`);
  }
}

type OpenKeys = (source: KeySource) => KeySet;

async function readRules(path: string, readVariable: ReadVariable, openKeys: OpenKeys): Promise<AccessRules> {
  const text = await readFile(path, "utf8").catch(() => null);
  if (text === null) {
    throw new AccessFileError(path, [{ line: 1, column: 1, message: "the file cannot be read" }]);
  }
  const parsed = parseAccessFile(text);
  const { credentials, problems } = await readServerKeys(path, parsed, readVariable);
  const found = [...parsed.problems, ...problems];
  if (parsed.file === null || found.length > 0) {
    throw new AccessFileError(
      path,
      found.toSorted((a, b) => a.line - b.line || a.column - b.column),
    );
  }
  return compileRules(parsed.file, credentials, openKeys);
}

/** Return the key set of an issuer that is in use already, so that a reload keeps the keys that are known. */
function createKeysByIssuer(open: OpenKeys): OpenKeys {
  const keySets = new Map<string, KeySet>();
  return (source) => {
    const name = JSON.stringify([source.issuer, source.jwksUrl]);
    const keys = keySets.get(name) ?? open(source);
    keySets.set(name, keys);
    return keys;
  };
}

/**
 * Load the access file.
 *
 * @param readVariable - reads the API keys that are in environment variables
 * @param egress - null without a proxy
 * @throws {AccessFileError} with every problem of the file
 */
export async function loadAccess(
  path: string,
  readVariable: ReadVariable,
  log: Logger,
  egress: Egress | null = null,
): Promise<Access> {
  const connections = openIssuerConnections(egress);
  const openKeys = createKeysByIssuer((source) => createIssuerKeys(connections.fetchJson, source, log));
  let rules = await readRules(path, readVariable, openKeys);
  let reloads = 0;
  return {
    ...createIdentify(() => rules),
    async reload() {
      reloads += 1;
      const own = reloads;
      const read = await readRules(path, readVariable, openKeys);
      // A later reload has read a newer file.
      if (own === reloads) rules = read;
    },
    close: connections.close,
  };
}
