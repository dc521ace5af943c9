import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const root = join(import.meta.dirname, "../..");
const pages = [".", "docs", "packages/client", "examples", "examples/console"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => join(folder, name)))
  .filter((path) => path.endsWith(".md"));

const readPage = (path: string) => readFileSync(join(root, path), "utf8");

/** Leave out code blocks: a line that starts with # is no heading there. */
const withoutCode = (text: string) => text.replaceAll(/^```[\s\S]*?^```/gm, "");

/** List the anchors of the headings of a page, as GitHub names them. */
function listAnchors(text: string): string[] {
  return [...withoutCode(text).matchAll(/^#+ (.*)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, "")
      .replaceAll(" ", "-"),
  );
}

/** List the links to other pages and headings of this repository. */
function listLinks(text: string): string[] {
  return [...withoutCode(text).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = ""]) =>
    /^[a-z]+:/.test(target) ? [] : [target],
  );
}

function isBroken(page: string, link: string): boolean {
  const [file = "", anchor] = link.split("#");
  const target = file === "" ? page : join(dirname(page), file);
  if (!existsSync(join(root, target))) return true;
  return anchor !== undefined && target.endsWith(".md") && !listAnchors(readPage(target)).includes(anchor);
}

describe.each(pages)("%s", (page) => {
  const text = readPage(page);

  it("links to files and headings that exist", () => {
    expect(listLinks(text).filter((link) => isBroken(page, link))).toEqual([]);
  });

  it("has no marks of an unfinished merge", () => {
    expect(text).not.toMatch(/^(?:<{7}|={7}|>{7})(?: |$)/m);
  });
});
