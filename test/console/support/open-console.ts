import {
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  chromium,
  type Page,
} from "playwright-core";
import { expect } from "vitest";
import { createKmsCatalog, listKms } from "../../../sandbox/catalog/kms.ts";
import { startSandbox } from "../../../sandbox/server.ts";
import { startFlakyNetwork } from "../../client/flaky-network.ts";
import { createGateway, type JournalEntry } from "../../support/gateway.ts";
import { requirePart } from "../../support/parts/parts.ts";
import { startRuleProxy } from "../../support/upstream/proxy.ts";
import { startConsoleServer } from "./console-server.ts";

/** Key of the workspace that the console opens. */
const KEY = "sandbox-demo";

/** Start chromium. It asks nobody but 127.0.0.1. */
export function launchBrowser(): Promise<Browser> {
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

/**
 * Start a sandbox, a rule that changes the answers of the REST API, a gateway, a network that fails on demand, and the
 * console.
 *
 * @param timeScale - speed of the sandbox's clock. An update takes ten seconds of it
 */
export async function startConsole({ timeScale = 10 }: { readonly timeScale?: number } = {}) {
  const sandbox = await startSandbox({ timeScale });
  const server = await startConsoleServer();
  const { proxy, ...upstream } = await startRuleProxy(sandbox.url);
  const gateway = createGateway(upstream.url, {
    environment: { CORS_ORIGINS: server.url, WATCH_INTERVAL_MS: "100", STREAM_HEARTBEAT_MS: "1000" },
  });
  const listening = await gateway.listen();
  const network = await startFlakyNetwork(Number(new URL(listening.url).port));
  const rpcUrl = `${sandbox.origin}/__sandbox/rpc`;
  const settings = {
    gatewayUrl: network.url,
    sandboxKey: KEY,
    sandboxRpcUrl: "/sandbox-rpc",
    trustedRootKeys: listKms(createKmsCatalog(null)).map(({ k256PublicKey }) => k256PublicKey),
  };
  server.configure(settings, rpcUrl);
  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sandbox.origin}/__sandbox/${path}`, {
      method,
      headers: { "x-api-key": KEY, "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const answer = await response.text();
    return answer === "" ? null : JSON.parse(answer);
  };
  return {
    url: server.url,
    network,
    proxy,
    control,
    /** Let time pass in a sandbox whose clock is stopped. An update ends within twelve seconds. */
    pass: (ms = 12_000) => control("POST", "advance", { ms }),
    /** Change the settings of the console, for pages that are opened later. */
    configure: (changes: object) => server.configure({ ...settings, ...changes }, rpcUrl),
    /** The writes that reached the REST API since the start, with their status. */
    async listWrites(): Promise<string[]> {
      const entries = await control("GET", "journal");
      const journal: readonly JournalEntry[] = Array.isArray(entries) ? entries : [];
      return journal
        .filter(({ method }) => method === "PATCH")
        .map(({ method, status }) => `${method} ${status}`);
    },
    /** Send a transaction as the owner of the app, on the chain of the sandbox. @returns its hash */
    async sendTransaction(transaction: object): Promise<string> {
      const call = { jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [transaction] };
      return String(Object(await control("POST", "rpc", call)).result);
    },
    /** Call the REST API as another client of the workspace. */
    async callRest(path: string, body?: object): Promise<Record<string, unknown>> {
      const response = await fetch(`${sandbox.url}${path}`, {
        method: body === undefined ? "GET" : "PATCH",
        headers: { "x-api-key": KEY, "content-type": "application/json" },
        ...(body !== undefined && { body: JSON.stringify(body) }),
      });
      return response.json();
    },
    async [Symbol.asyncDispose]() {
      await network[Symbol.asyncDispose]();
      await listening.drain(0);
      await gateway.close();
      await upstream[Symbol.asyncDispose]();
      await sandbox.close();
      await server.stop();
    },
  };
}

/** A running console. */
export type Console = Awaited<ReturnType<typeof startConsole>>;

/** A page, with the addresses outside of the allowed origins that it asked for, and its errors. */
export type ConsolePage = AsyncDisposable & { readonly page: Page; readonly errors: string[] };

/** Options of a second window. Chromium draws only one tab of a window, so two tabs at a time would be slow. */
export const SECOND_WINDOW: BrowserContextOptions = { locale: "en-GB" };

const contexts = new WeakMap<Browser, Map<string, Promise<BrowserContext>>>();

/** Return the profile of a browser with these options. Its pages share the cache of the console's scripts. */
function findContext(browser: Browser, options: BrowserContextOptions): Promise<BrowserContext> {
  const opened = contexts.get(browser) ?? new Map<string, Promise<BrowserContext>>();
  contexts.set(browser, opened);
  const name = JSON.stringify(options);
  const context =
    opened.get(name) ?? browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  opened.set(name, context);
  return context;
}

/** Open a page of the console in a tab of its own. */
export async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions = {},
): Promise<ConsolePage> {
  const context = await findContext(browser, options);
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors: string[] = [];
  page.on("pageerror", (error) => errors.push(error.message));
  const { origin } = new URL(url);
  page.on("request", (request) => {
    const { protocol, hostname } = new URL(request.url());
    const isForeign = protocol.startsWith("http") && hostname !== "127.0.0.1";
    // The pages of an identity provider are not those of the console.
    if (isForeign && request.frame().url().startsWith(origin)) errors.push(`asks ${request.url()}`);
  });
  await page.goto(url);
  return { page, errors, [Symbol.asyncDispose]: () => page.close() };
}

/** Open a CVM from the list. */
export async function openCvm(page: Page, name: string, tab?: string): Promise<void> {
  const link = page.getByRole("link", { name, exact: true });
  await page.getByRole("row").nth(1).waitFor();
  while (!(await link.isVisible())) {
    const rows = await page.getByRole("row").count();
    await page.getByRole("button", { name: "Show more" }).click();
    await page.getByRole("row").nth(rows).waitFor();
  }
  await link.click();
  await page.getByRole("heading", { level: 1, name }).waitFor();
  if (tab !== undefined) await page.getByRole("link", { name: tab, exact: true }).click();
}

/** Go from the draft to the review, and wait for the plan. */
export async function review(page: Page): Promise<void> {
  await page.getByRole("link", { name: "Review change" }).click();
  await page.getByRole("heading", { name: "What it means" }).waitFor();
}

/** Apply the change of the review, and wait until the REST API has accepted it. Time has to pass until its end. */
export async function apply({ listWrites }: Console, page: Page): Promise<void> {
  const countAccepted = async () => (await listWrites()).filter((write) => write.endsWith("202")).length;
  const before = await countAccepted();
  await page.getByRole("button", { name: "Apply", exact: true }).click();
  await expect.poll(countAccepted, { timeout: 10_000 }).toBe(before + 1);
}

/** Wait until the change of the page is applied. */
export async function expectApplied(page: Page): Promise<void> {
  await page.getByText("Your change is applied").waitFor({ timeout: 20_000 });
}

/** Replace the text of an editor. */
export async function fillEditor(page: Page, label: string, text: string): Promise<void> {
  const editor = page.getByRole("textbox", { name: label });
  await editor.click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
}
