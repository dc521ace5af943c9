import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { StartupError } from "../../errors.ts";
import { parseWithinLimits } from "./document-limits.ts";

/** Manifest of Apollo, written by `generate-persisted-query-manifest`. */
const apolloManifest = z
  .object({
    format: z.literal("apollo-persisted-query-manifest"),
    version: z.literal(1),
    operations: z.array(z.object({ id: z.string().min(1), body: z.string() })),
  })
  .transform(({ operations }) => operations.map(({ id, body }): [string, string] => [id, body]));

/** Documents by id, written by the client preset of graphql-codegen and by the Relay compiler. */
const flatManifest = z.record(z.string().min(1), z.string()).transform((ids) => Object.entries(ids));

const manifest = z.union([apolloManifest, flatManifest]);

const HASH_PREFIX = "sha256:";

/** Thrown for a manifest that cannot be used. The message names the file and never quotes it. */
export class ManifestError extends StartupError {
  override readonly name = "ManifestError";
}

/** The trusted documents of one process. */
export type TrustedDocuments = {
  /** Return the text of a document, or null. A SHA-256 id may have the prefix `sha256:` or not. */
  find(id: string): string | null;
  /** Whether `text` is a trusted document. */
  has(text: string): boolean;
  /**
   * Read the manifests again. On any error, all previous documents stay in use.
   *
   * @returns the number of documents.
   * @throws {ManifestError} when a manifest cannot be used.
   */
  reload(): Promise<number>;
};

async function listFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new ManifestError(`PERSISTED_DOCUMENTS: ${basename(path)} does not exist.`);
  if (!info.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new ManifestError("PERSISTED_DOCUMENTS: the folder contains no .json file.");
  return names.map((name) => join(path, name));
}

async function readManifest(file: string): Promise<[string, string][]> {
  const name = basename(file);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch {
    throw new ManifestError(`PERSISTED_DOCUMENTS: ${name} cannot be read or is not JSON.`);
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw new ManifestError(`PERSISTED_DOCUMENTS: ${name} is not in a known format.`);
  return parsed.data;
}

async function readAll(path: string): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  for (const file of await listFiles(path)) {
    for (const [id, text] of await readManifest(file)) {
      const other = documents.get(id);
      if (other !== undefined && other !== text) {
        throw new ManifestError(
          `PERSISTED_DOCUMENTS: ${basename(file)} uses an id that another document has.`,
        );
      }
      try {
        parseWithinLimits(text);
      } catch {
        throw new ManifestError(
          `PERSISTED_DOCUMENTS: ${basename(file)} contains a document that is not GraphQL.`,
        );
      }
      documents.set(id, text);
    }
  }
  return documents;
}

/**
 * Load the trusted documents of one manifest, or of all manifests in a folder.
 *
 * @throws {ManifestError} when a manifest cannot be used.
 */
export async function loadTrustedDocuments(path: string): Promise<TrustedDocuments> {
  let documents = await readAll(path);
  let texts = new Set(documents.values());
  return {
    find(id) {
      const other = id.startsWith(HASH_PREFIX) ? id.slice(HASH_PREFIX.length) : `${HASH_PREFIX}${id}`;
      return documents.get(id) ?? documents.get(other) ?? null;
    },
    has: (text) => texts.has(text),
    async reload() {
      documents = await readAll(path);
      texts = new Set(documents.values());
      return documents.size;
    },
  };
}
