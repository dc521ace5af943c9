import { readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Page } from "playwright-core";
import { expect } from "vitest";
import { CONSOLE } from "../../support/parts/parts.ts";

let source: Promise<string> | undefined;

/** List what axe finds that is serious or critical. */
async function listViolations(page: Page): Promise<string[]> {
  source ??= readFile(join(CONSOLE, "node_modules/axe-core/axe.min.js"), "utf8");
  await page.evaluate(await source);
  const found: unknown = await page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === "serious" || impact === "critical")
    .map(({ id, nodes }) => id + ": " + nodes.map(({ target }) => target.join(" ")).join(", ")))`);
  return Array.isArray(found) ? found.map(String) : [];
}

/** List the elements that make the page scroll sideways. */
async function listTooWide(page: Page): Promise<string[]> {
  const found: unknown = await page.evaluate(`(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    return [...document.querySelectorAll("*")]
      .filter((element) => element.getBoundingClientRect().right > clientWidth)
      .map((element) => element.tagName + "." + element.className);
  })()`);
  return Array.isArray(found) ? found.map(String) : [];
}

/** Expect a page that everyone can use: axe finds nothing serious, and it does not scroll sideways. */
export async function expectAccessible(page: Page, place: string): Promise<void> {
  expect(await listViolations(page), place).toEqual([]);
  expect(await listTooWide(page), `${place} scrolls sideways`).toEqual([]);
}
