import { type Browser, chromium, type Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { requirePart } from "../support/parts/parts.ts";
import { startMain } from "../support/process.ts";

function openBrowser(): Promise<Browser> {
  return chromium.launch({
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
}

async function execute(page: Page): Promise<void> {
  await page.getByRole("button", { name: /execute query/i }).click();
}

/** Return the text of the response pane, without the spaces that the editor draws. */
async function readResponse(page: Page): Promise<string> {
  const lines = await page.locator(".result-window .view-lines").innerText();
  return lines.replaceAll(/\s/g, "");
}

/** Wait until the response pane matches. */
async function expectResponse(page: Page, pattern: RegExp): Promise<void> {
  await expect.poll(() => readResponse(page), { timeout: 10_000 }).toMatch(pattern);
}

/** Return the lines of the variables that do not fit. Each line of the text can be several lines of the editor. */
async function listCutVariables(page: Page): Promise<string[]> {
  const editor = page.locator(".graphiql-editor-tool .monaco-editor").filter({ visible: true });
  const edge = await editor.evaluate((element) => element.getBoundingClientRect().right);
  return editor
    .locator(".view-line > span")
    .evaluateAll(
      (lines, limit) =>
        lines
          .filter((line) => line.getBoundingClientRect().right > limit)
          .map((line) => line.textContent ?? ""),
      edge,
    );
}

/** Return the lines of the operation that reach under the buttons of the editor. */
async function listCutLines(page: Page): Promise<string[]> {
  const edge = (await page.getByRole("button", { name: /execute query|stop query/i }).boundingBox())?.x ?? 0;
  return page
    .locator(".graphiql-query-editor .view-line > span")
    .evaluateAll(
      (lines, limit) =>
        lines
          .filter((line) => line.getBoundingClientRect().right > limit)
          .map((line) => line.textContent ?? ""),
      edge,
    );
}

const prepared = z.object({
  data: z.object({ configureCvm: z.object({ transaction: z.record(z.string(), z.unknown()) }) }),
});

/** Send the transaction for the change of the tab OnChain to the chain of the sandbox. */
async function signChange({ post, output }: Awaited<ReturnType<typeof startMain>>): Promise<void> {
  const change = 'configureCvm(input: { id: "web-base", publicLogs: false })';
  const query = `mutation { ${change} { ... on OnChainHashRequired { transaction { chainId to data value } } } }`;
  const answer = prepared.parse(await (await post(query, { "x-api-key": "sandbox-demo" })).json());
  const [, rpc = ""] = output().match(/Chain RPC +(http:\S+)/) ?? [];
  const params = [answer.data.configureCvm.transaction];
  const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params });
  expect(await (await fetch(rpc, { method: "POST", body })).json()).toMatchObject({
    result: expect.stringMatching(/^0x[0-9a-f]{64}$/),
  });
}

describe("GraphiQL", { tags: ["chromium"] }, () => {
  it("loads offline in a browser, and its example query runs", async () => {
    await using gateway = await startMain();
    const url = `${gateway.url}/graphql`;
    const browser = await openBrowser();
    try {
      const page = await browser.newPage();
      const foreign: string[] = [];
      page.on("request", (request) => {
        const { protocol, origin } = new URL(request.url());
        if (protocol.startsWith("http") && origin !== new URL(url).origin) foreign.push(request.url());
      });
      await page.goto(url);
      await page.getByText("ListCvms").first().waitFor();
      await page.getByRole("button", { name: "Headers" }).click();
      await page.getByText("sandbox-demo").first().waitFor();
      await execute(page);
      await page.getByText("web-phala").first().waitFor();
      expect(foreign).toEqual([]);
    } finally {
      await browser.close();
    }
  }, 60_000);

  it("opens each example with one click, at full width, and runs it without editing", async () => {
    await using gateway = await startMain({ SANDBOX_TIME_SCALE: "10" });
    const browser = await openBrowser();
    try {
      const page = await browser.newPage({ viewport: { width: 1280, height: 800 } });
      await page.goto(`${gateway.url}/graphql`);
      await page.getByText("ListCvms").first().waitFor();
      const run = async (name: string, pattern: RegExp) => {
        const tab = page.getByRole("tab", { name });
        await tab.click();
        await expect.poll(() => tab.getAttribute("aria-selected"), { message: name }).toBe("true");
        await execute(page);
        await expectResponse(page, pattern);
        expect(await listCutLines(page), name).toEqual([]);
        if (name !== "ListCvms") expect(await listCutVariables(page), name).toEqual([]);
      };
      await run("ReadCvm", /"name":"web-phala"/);
      await run("Plan", /"restarts":true.*Adiskcanonlygrow/);
      await run("Configure", /"IN_PROGRESS"/);
      await run("Watch", /"RUNNING","inProgress":false/);
      await run("Configure", /"IN_PROGRESS"/);
      await run("Environment", /"IN_PROGRESS".*"allowedEnvsChanged":true/);
      await run("OnChain", /"OnChainHashRequired"/);
      await signChange(gateway);
      await run("Confirm", /"IN_PROGRESS"/);
      await run("ListCvms", /"totalCount"/);

      // A tab that is opened and executed in the same moment runs its own operation.
      const sent: unknown[] = [];
      page.on("request", (request) => sent.push(request.postDataJSON()?.operationName));
      for (const name of ["ReadCvm", "Plan", "ListCvms"]) {
        await page.getByRole("tab", { name }).evaluate((tab) => {
          tab.querySelector("button")?.click();
          tab.ownerDocument.querySelector<HTMLElement>('button[aria-label^="Execute"]')?.click();
        });
        await expect.poll(() => sent.at(-1)).toBe(name);
      }
    } finally {
      await browser.close();
    }
  }, 90_000);
});
