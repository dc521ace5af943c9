import { readFile } from "node:fs/promises";

/** A code block of a page. */
export type Block = { readonly heading: string; readonly language: string; readonly code: string };

/** Read a page of the documentation. */
export function readPage(name: string): Promise<string> {
  return readFile(new URL(`../../../docs/${name}`, import.meta.url), "utf8");
}

/** List the code blocks of a page, each with the heading above it. */
export function listBlocks(page: string): Block[] {
  return page.split(/^## /m).flatMap((section) => {
    const heading = section.slice(0, section.indexOf("\n"));
    return [...section.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, language = "", code = ""]) => ({
      heading,
      language,
      code,
    }));
  });
}

/** Return the block of a recipe. @throws if the section does not have exactly one in that language */
export function findBlock(blocks: readonly Block[], heading: string, language: string): string {
  const found = blocks.filter((block) => block.heading === heading && block.language === language);
  const [block] = found;
  if (block === undefined || found.length > 1) {
    throw new Error(`The section ${heading} has ${found.length} blocks of ${language}.`);
  }
  return block.code;
}

/** Replace the values of `url` and `key`, the constants at the top of a recipe. Nothing else of it is changed. */
export function setConstants(code: string, url: string, key: string): string {
  return replaceOnce(replaceOnce(code, "http://127.0.0.1:4000/graphql", url), "sandbox-demo", key);
}

function replaceOnce(text: string, value: string, replacement: string): string {
  const [before = "", after = "", ...more] = text.split(value);
  if (!text.includes(value) || more.length > 0) throw new Error(`The recipe does not have ${value} once.`);
  return before + replacement + after;
}

/** List the rows of the tables whose header begins with a text, each as its cells. */
export function listRows(page: string, header: string): string[][] {
  const [, table = ""] = page.split(`\n${header}`);
  const [body = ""] = table.split("\n\n");
  return body
    .split("\n")
    .slice(2)
    .map((row) =>
      row
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

/** List the names in backticks of a text. */
export function listNames(text: string): string[] {
  return [...text.matchAll(/`([^`]+)`/g)].map(([, name = ""]) => name);
}
