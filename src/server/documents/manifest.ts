import { readdir, readFile, stat } from "node:fs/promises";
import { basename, join } from "node:path";
import { z } from "zod";
import { StartupError } from "../../errors.ts";
import { parseLimited } from "../guards/document-size.ts";

/** Apollo's manifest, as `generate-persisted-query-manifest` writes it. */
const apolloManifest = z
  .object({
    format: z.literal("apollo-persisted-query-manifest"),
    version: z.literal(1),
    operations: z.array(z.object({ id: z.string().min(1), body: z.string() })),
  })
  .transform(({ operations }) => operations.map(({ id, body }): [string, string] => [id, body]));

/** Ids and documents, as graphql-codegen's client preset and the Relay compiler write them. */
const flatManifest = z.record(z.string().min(1), z.string()).transform((ids) => Object.entries(ids));

const manifest = z.union([apolloManifest, flatManifest]);

const HASH_PREFIX = "sha256:";

/** Thrown for a manifest that cannot be used; names the file and never quotes it. */
export class ManifestError extends StartupError {
  override readonly name = "ManifestError";
}

/** The trusted documents of one process. */
export type PersistedDocuments = {
  /** The text of a document. Takes a SHA-256 id with and without its `sha256:`. */
  find(id: string): string | undefined;
  /** Whether this text is one of them. */
  has(text: string): boolean;
  /**
   * Reads the manifests again and takes them over at once, all or none.
   *
   * @returns how many documents there are now.
   * @throws {ManifestError} and keeps what there was.
   */
  reload(): Promise<number>;
};

async function listFiles(path: string): Promise<string[]> {
  const info = await stat(path).catch(() => null);
  if (info === null) throw new ManifestError(`PERSISTED_DOCUMENTS: there is no ${basename(path)}.`);
  if (!info.isDirectory()) return [path];
  const names = (await readdir(path)).filter((name) => name.endsWith(".json")).sort();
  if (names.length === 0) throw new ManifestError("PERSISTED_DOCUMENTS: the folder holds no .json file.");
  return names.map((name) => join(path, name));
}

async function readManifest(file: string): Promise<[string, string][]> {
  const name = basename(file);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(file, "utf8"));
  } catch {
    throw new ManifestError(`PERSISTED_DOCUMENTS: ${name} cannot be read, or is no JSON.`);
  }
  const parsed = manifest.safeParse(json);
  if (!parsed.success) throw new ManifestError(`PERSISTED_DOCUMENTS: ${name} has no known form.`);
  return parsed.data;
}

async function readAll(path: string): Promise<Map<string, string>> {
  const documents = new Map<string, string>();
  for (const file of await listFiles(path)) {
    for (const [id, text] of await readManifest(file)) {
      const other = documents.get(id);
      if (other !== undefined && other !== text) {
        throw new ManifestError(`PERSISTED_DOCUMENTS: ${basename(file)} gives an id another document.`);
      }
      try {
        parseLimited(text);
      } catch {
        throw new ManifestError(
          `PERSISTED_DOCUMENTS: ${basename(file)} holds a document that is not GraphQL.`,
        );
      }
      documents.set(id, text);
    }
  }
  return documents;
}

/**
 * Loads the trusted documents of a manifest or of a folder of them.
 *
 * @throws {ManifestError}
 */
export async function loadPersistedDocuments(path: string): Promise<PersistedDocuments> {
  let documents = await readAll(path);
  let texts = new Set(documents.values());
  return {
    find(id) {
      const other = id.startsWith(HASH_PREFIX) ? id.slice(HASH_PREFIX.length) : `${HASH_PREFIX}${id}`;
      return documents.get(id) ?? documents.get(other);
    },
    has: (text) => texts.has(text),
    async reload() {
      documents = await readAll(path);
      texts = new Set(documents.values());
      return documents.size;
    },
  };
}
