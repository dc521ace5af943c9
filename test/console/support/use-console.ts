import type { Browser, BrowserContextOptions } from "playwright-core";
import { afterAll, beforeAll } from "vitest";
import { type Console, type ConsolePage, launchBrowser, openPage, startConsole } from "./open-console.ts";

/** The console and the browser of a file of tests. They exist while its tests run. */
export type UsedConsole = {
  readonly console: Console;
  /** Open the list of CVMs, or another page, in a tab of its own. */
  open(window?: BrowserContextOptions, url?: string): Promise<ConsolePage>;
};

/** Start a console and a browser before the tests of a group, and end them afterwards. */
export function useConsole(options: Parameters<typeof startConsole>[0] = {}): UsedConsole {
  let browser: Browser;
  let started: Console;

  beforeAll(async () => {
    [browser, started] = await Promise.all([launchBrowser(), startConsole(options)]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await started?.[Symbol.asyncDispose]();
  });

  return {
    get console() {
      return started;
    },
    open: (window, url = started.url) => openPage(browser, url, window),
  };
}
