import { readdir, readFile } from "node:fs/promises";
import { buildSchema, parse, validate } from "graphql";
import { type DocumentFile, writeDocuments } from "./documents.ts";
import { createIntrospection } from "./introspection.ts";
import { collectTypeLists } from "./type-lists.ts";

const root = new URL("../../../", import.meta.url);
const documentsFolder = new URL("../documents/", import.meta.url);

/** Folder of the files that {@link createArtefacts} describes. */
export const generatedFolder = new URL("../src/generated/", import.meta.url);

const HEADER = "// Made from schema.graphql by `npm run generate:client`. Do not edit.\n";

/** Documents that the client itself sends. They are not exported. */
const INTERNAL = "internal";

/**
 * Create everything that is made from `schema.graphql` and the documents.
 *
 * @returns the text of each file by its name
 */
export async function createArtefacts(): Promise<Map<string, string>> {
  const schema = buildSchema(await readFile(new URL("schema.graphql", root), "utf8"));
  const names = (await readdir(documentsFolder)).sort();
  const sources = await Promise.all(names.map((name) => readFile(new URL(name, documentsFolder), "utf8")));
  const errors = validate(schema, parse(sources.join("\n")));
  if (errors.length > 0) throw new Error(errors.map(({ message }) => message).join("\n"));
  const groups = names.map(
    (name, index): DocumentFile => ({
      name: toOutputName(name),
      document: parse(sources[index] ?? ""),
    }),
  );
  const lists = Object.entries(collectTypeLists(schema)).map(
    ([name, value]) => `export const ${name} = ${JSON.stringify(value)} as const;`,
  );
  const introspection = JSON.stringify(createIntrospection(schema));
  const documents = [...writeDocuments(schema, groups)].map(([name, text]): [string, string] => [
    `${name}.ts`,
    text,
  ]);
  return new Map([
    ...documents,
    ["type-lists.ts", `${HEADER}\n${lists.join("\n")}\n`],
    [
      "introspection.ts",
      `${HEADER}import type { Introspection } from "../introspection-type.ts";\n\nexport const introspection: Introspection = ${introspection};\n`,
    ],
  ]);
}

function toOutputName(file: string): string {
  const name = file.replace(/\.graphql$/, "");
  return name === INTERNAL ? "internal-documents" : `${name}-documents`;
}
