import { join } from "node:path";
import type { BrowserContextOptions, Locator, Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { WEB_COMPOSE } from "../../sandbox/workspace/seed-compose.ts";
import { expectAccessible } from "./support/accessible.ts";
import { fillEditor, openCvm, review } from "./support/open-console.ts";
import { useConsole } from "./support/use-console.ts";

/** `npm run screenshots` sets it. A run of the tests writes no files of the repository. */
const images = process.env["SCREENSHOTS"] === "1" ? join(import.meta.dirname, "../../docs/images") : null;

const looks: readonly { readonly name: string; readonly options: BrowserContextOptions }[] = [
  { name: "light", options: { colorScheme: "light" } },
  { name: "dark", options: { colorScheme: "dark" } },
  { name: "narrow", options: { colorScheme: "light", viewport: { width: 360, height: 780 } } },
];

const tabs = ["Compose", "Environment", "Resources", "Visibility", "OS image", "History"] as const;

/** Screenshots that README.md and that of the console show. */
const SHOWN: ReadonlySet<string> = new Set([
  "console-list-light",
  "console-compose-dark",
  "console-review-light",
  "console-sign-light",
  "console-progress-dark",
  "console-list-narrow",
]);

async function save(page: Page, name: string): Promise<void> {
  if (images === null || !SHOWN.has(name)) return;
  await page.screenshot({ path: join(images, `${name}.png`), fullPage: name.includes("review") });
}

/** Press Tab until something has the focus. */
async function moveTo(page: Page, target: Locator): Promise<void> {
  await target.waitFor();
  for (let presses = 0; presses < 40; presses += 1) {
    if (await target.evaluate((element) => element === element.ownerDocument.activeElement)) return;
    await page.keyboard.press("Tab");
  }
  throw new Error(`The keyboard does not reach ${target}.`);
}

/** Press Enter on a link or a button. */
async function pressOn(page: Page, target: Locator): Promise<void> {
  await moveTo(page, target);
  await page.keyboard.press("Enter");
}

describe("how the console looks", { tags: ["chromium", "graphql-codegen"] }, () => {
  const used = useConsole({ timeScale: 0 });

  it.each(looks)(
    "is accessible on every page: $name",
    async ({ name, options }) => {
      await using opened = await used.open(options);
      const { page, errors } = opened;
      await page.getByRole("link", { name: "web-phala" }).waitFor();
      await expectAccessible(page, "list");
      await save(page, `console-list-${name}`);
      await openCvm(page, "web-base");
      await page.getByRole("region", { name: "App contract" }).getByText("0x").first().waitFor();
      await expectAccessible(page, "overview");
      await save(page, `console-overview-${name}`);
      for (const tab of tabs) {
        await page.getByRole("link", { name: tab, exact: true }).click();
        await page
          .getByRole("status", { name: /^Reading/ })
          .first()
          .waitFor({ state: "detached" });
        await page.getByRole("region").first().waitFor();
        await expectAccessible(page, tab);
      }
      await page.getByRole("button", { name: "Close" }).click();
      await page.getByRole("heading", { name: "Open a workspace" }).waitFor();
      await expectAccessible(page, "key");
      expect(errors).toEqual([]);
    },
    60_000,
  );

  it.each(looks)(
    "is accessible during a change: $name",
    async ({ name, options }) => {
      await using opened = await used.open(options);
      const { page, errors } = opened;
      const cvm =
        { light: "web-base", dark: "web-ethereum", narrow: "web-base-indented" }[name] ?? "web-base";
      await openCvm(page, cvm, "Compose");
      await fillEditor(
        page,
        "Docker Compose file",
        "services:\n  web:\n    image: nginx\n    env_file: .env\n    environment:\n      MODE: $MODE\n",
      );
      await page.getByText(/problems found/).waitFor();
      await expectAccessible(page, "problems");
      await save(page, `console-compose-${name}`);
      await review(page);
      await page.getByLabel("Apply it although the dry run found errors").waitFor();
      await expectAccessible(page, "review with errors");
      await page.getByRole("link", { name: "Compose (changed)" }).click();
      await fillEditor(page, "Docker Compose file", WEB_COMPOSE.replace("nginx:1.27.3", "nginx:1.27.4"));
      await review(page);
      await expectAccessible(page, "review");
      await save(page, `console-review-${name}`);
      await page.getByRole("button", { name: "Apply and sign" }).click();
      await page.getByRole("button", { name: "Send on the sandbox's chain" }).waitFor();
      await expectAccessible(page, "signing");
      await save(page, `console-sign-${name}`);
      await page.getByRole("button", { name: "Send on the sandbox's chain" }).click();
      const progress = page.getByRole("progressbar", { name: "Progress of the change" });
      await expect
        .poll(
          async () => {
            // The confirmation has to arrive first, so time passes in small steps.
            await used.console.pass(500);
            return Number(await progress.getAttribute("aria-valuenow"));
          },
          { timeout: 15_000, interval: 200 },
        )
        .toBeGreaterThan(30);
      await expectAccessible(page, "progress");
      await save(page, `console-progress-${name}`);
      expect(errors).toEqual([]);
    },
    60_000,
  );

  it("can be used with the keyboard alone", async () => {
    await using opened = await used.open();
    const { page } = opened;
    await page.getByRole("link", { name: "web-phala" }).waitFor();
    await page.keyboard.press("Tab");
    expect(await page.evaluate("document.activeElement.textContent")).toBe("Skip to the content");
    await page.keyboard.press("Enter");
    await pressOn(page, page.getByRole("link", { name: "web-phala" }));
    await page.getByRole("heading", { level: 1, name: "web-phala" }).waitFor();
    await pressOn(page, page.getByRole("link", { name: "Compose" }));
    await moveTo(page, page.getByRole("textbox", { name: "Docker Compose file" }));
    // The editor does not keep the focus.
    await moveTo(page, page.getByRole("textbox", { name: "Pre-launch script" }));
    await page.keyboard.type("# typed");
    await pressOn(page, page.getByRole("link", { name: "Review change" }));
    await page.getByRole("button", { name: "Apply", exact: true }).waitFor();
    await pressOn(page, page.getByRole("button", { name: "Apply", exact: true }));
    await page.getByRole("progressbar", { name: "Progress of the change" }).waitFor();
  }, 60_000);
});
