import { readFile } from "node:fs/promises";
import { expect, it } from "vitest";
import { problemCodes } from "../../src/resolvers/write/input-problem.ts";

it("docs/planning.md lists every problem code and no other", async () => {
  const text = await readFile(new URL("../../docs/planning.md", import.meta.url), "utf8");
  const listed = [...text.matchAll(/^\| `([A-Z_]+)` \|/gm)].map(([, code]) => code);
  expect(listed).toEqual([...problemCodes]);
});
