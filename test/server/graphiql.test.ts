import { chromium } from "playwright-core";
import { describe, expect, it } from "vitest";
import { requirePart } from "../support/parts/parts.ts";
import { startMain } from "../support/process.ts";

describe("GraphiQL", { tags: ["chromium"] }, () => {
  it("loads offline in a browser, and its example query runs", async () => {
    await using gateway = await startMain();
    const url = `${gateway.url}/graphql`;
    const browser = await chromium.launch({
      executablePath: requirePart("chromium"),
      args: [
        "--no-sandbox",
        "--disable-gpu",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
      ],
    });
    try {
      const page = await browser.newPage();
      const foreign: string[] = [];
      page.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== new URL(url).origin) foreign.push(request.url());
      });
      await page.goto(url);
      await page.getByText("ListCvms").first().waitFor();
      await page.getByText("sandbox-demo").first().waitFor();
      await page.getByRole("button", { name: /execute query/i }).click();
      await page.getByText("web-phala").first().waitFor();
      expect(foreign).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);
});
