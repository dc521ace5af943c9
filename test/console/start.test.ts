import { expect, it } from "vitest";
import { startProcess } from "../support/process.ts";
import { fillEditor, launchBrowser, openCvm, openPage } from "./support/open-console.ts";

it("npm run console starts sandbox, gateway and console, and prints one URL, at which everything works", {
  tags: ["chromium", "graphql-codegen"],
  timeout: 60_000,
}, async () => {
  await using started = startProcess("scripts/console.ts", { SANDBOX_PORT: "0" });
  const [, url = ""] = await started.waitFor(/The console is at (http:\S+)/);
  expect(started.output().match(/https?:\/\/\S+/g)).toEqual([url]);
  const browser = await launchBrowser();
  try {
    await using opened = await openPage(browser, url);
    const { page, errors } = opened;
    await openCvm(page, "web-base", "Compose");
    await fillEditor(page, "Pre-launch script", "#!/bin/sh\necho started\n");
    await page.getByRole("link", { name: "Review change" }).click();
    await page.getByRole("button", { name: "Apply and sign" }).click();
    await page.getByRole("button", { name: "Send on the sandbox's chain" }).click();
    const progress = page.getByRole("progressbar", { name: "Progress of the change" });
    await expect
      .poll(async () => Number(await progress.getAttribute("aria-valuenow")), { timeout: 15_000 })
      .toBeGreaterThan(0);
    expect(errors).toEqual([]);
  } finally {
    await browser.close();
  }
  expect(await started.stop("SIGINT")).toBe(0);
});
