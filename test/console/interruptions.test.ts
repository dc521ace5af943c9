import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import {
  apply,
  type Console,
  expectApplied,
  fillEditor,
  launchBrowser,
  openCvm,
  openPage,
  review,
  SECOND_WINDOW,
  startConsole,
} from "./support/open-console.ts";

describe("a change that does not go as planned", { tags: ["chromium", "graphql-codegen"] }, () => {
  let browser: Browser;
  let started: Console;

  beforeAll(async () => {
    [browser, started] = await Promise.all([launchBrowser(), startConsole({ timeScale: 0 })]);
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await started?.[Symbol.asyncDispose]();
  });

  it("reaches its end when the connection is cut in the middle", async () => {
    await using opened = await openPage(browser, started.url);
    const { page, errors } = opened;
    await openCvm(page, "web-phala", "Resources");
    await page.getByRole("button", { name: "2 vCPU · 4 GB" }).click();
    await review(page);
    await apply(started, page);
    await started.pass(4_000);
    const progress = page.getByRole("progressbar", { name: "Progress of the change" });
    await expect
      .poll(async () => Number(await progress.getAttribute("aria-valuenow")), { timeout: 10_000 })
      .toBeGreaterThan(30);
    const writes = await started.listWrites();
    started.network.isOffline = true;
    started.network.cut();
    await started.pass();
    await page.getByText("The connection to the gateway is lost").waitFor();
    await expectAccessible(page, "connection-lost");
    started.network.isOffline = false;
    await expectApplied(page);
    await page.getByText("The connection to the gateway is lost").waitFor({ state: "hidden" });
    await page.getByText("Running", { exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page
      .getByRole("definition")
      .filter({ hasText: /^4 GB$/ })
      .waitFor();
    expect(await started.listWrites()).toEqual(writes);
    expect(errors).toEqual([]);
  }, 60_000);

  it("is found out by reading when its answer is lost, and is not sent twice", async () => {
    await using opened = await openPage(browser, started.url);
    const { page, errors } = opened;
    await openCvm(page, "no-script", "Resources");
    await page.getByRole("button", { name: "2 vCPU · 4 GB" }).click();
    await review(page);
    const writes = (await started.listWrites()).length;
    // The REST API applies the change, and its answer says nothing.
    started.proxy.rule = ({ method }) => (method === "PATCH" ? { status: 500, body: "{}" } : null);
    await apply(started, page);
    await page.getByText("The answer was lost on the way").waitFor();
    started.proxy.rule = () => null;
    await started.pass();
    await expectApplied(page);
    expect((await started.listWrites()).slice(writes)).toEqual(["PATCH 202"]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("goes on after the page was loaded again", async () => {
    await using opened = await openPage(browser, started.url);
    const { page, errors } = opened;
    await openCvm(page, "dev-image", "Resources");
    await page.getByLabel("Disk in GB").fill("25");
    await review(page);
    const writes = (await started.listWrites()).length;
    await apply(started, page);
    await page.reload();
    await page.getByRole("button", { name: "Go on with it" }).click();
    await started.pass();
    await expectApplied(page);
    expect((await started.listWrites()).slice(writes)).toEqual(["PATCH 202"]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("waits for a busy CVM when it is asked to, and then shows what has changed", async () => {
    await using opened = await openPage(browser, started.url);
    const { page, errors } = opened;
    await openCvm(page, "web-legacy", "Resources");
    await page.getByLabel("Disk in GB").fill("31");
    await review(page);
    await started.callRest("/cvms/web-legacy", { vcpu: 2 });
    await page.getByLabel("Wait until the running operation has ended").uncheck();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText("The CVM is busy").waitFor();
    await expectAccessible(page, "busy");
    await page.getByRole("button", { name: "Wait, then apply" }).click();
    await started.pass();
    await page.getByRole("button", { name: "Review again" }).click({ timeout: 20_000 });
    await page.getByText("vCPUs: 1 →").waitFor();
    await expectAccessible(page, "conflict");
    await page.getByRole("button", { name: "Keep my change, on the new version" }).click();
    await apply(started, page);
    await started.pass();
    await expectApplied(page);
    expect(await started.callRest("/cvms/web-legacy")).toMatchObject({
      resource: { vcpu: 2, disk_in_gb: 31 },
    });
    expect(errors).toEqual([]);
  }, 60_000);

  it("says what to do when it is refused, and goes back to the change", async () => {
    await using opened = await openPage(browser, started.url);
    const { page, errors } = opened;
    await openCvm(page, "replica-one", "Resources");
    await page.getByLabel("vCPUs").fill("100000");
    await review(page);
    await page.getByLabel("Apply it although the dry run found errors").check();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    const notice = page.getByRole("alert");
    await notice.getByText("The change was refused").waitFor();
    await expect.poll(() => notice.innerText()).toContain("Correct the setting that is named");
    await notice.getByRole("button", { name: "Back to my change" }).click();
    await page.getByRole("row").filter({ hasText: "100000" }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("shows that the gateway is out of reach, and reads the list when it is back", async () => {
    started.network.isOffline = true;
    started.network.cut();
    await using opened = await openPage(browser, started.url);
    const { page } = opened;
    await page.getByText("The gateway does not answer. Check the connection.").waitFor();
    started.network.isOffline = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "web-phala" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  }, 60_000);

  it("says what is wrong with its own settings", async () => {
    started.configure({ gatewayUrl: "gateway" });
    await using opened = await openPage(browser, started.url);
    started.configure({});
    await opened.page.getByText("gatewayUrl in config.json must be a URL").waitFor();
    expect(opened.errors).toEqual([]);
  }, 60_000);

  it("asks for another key when the gateway does not accept the first one", async () => {
    started.configure({ sandboxKey: "wrong" });
    await using opened = await openPage(browser, started.url);
    started.configure({});
    const { page, errors } = opened;
    await page.getByRole("button", { name: "Enter another key" }).click();
    await page.getByLabel("API key").fill("sandbox-demo");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("link", { name: "web-phala" }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("shows a conflict of two tabs that change the same CVM, and lets the person decide", async () => {
    await using first = await openPage(browser, started.url);
    await using second = await openPage(browser, started.url, SECOND_WINDOW);
    await openCvm(first.page, "json-text", "Visibility");
    await openCvm(second.page, "json-text", "Compose");
    await first.page.getByLabel("Container logs").uncheck();
    await fillEditor(second.page, "Pre-launch script", "#!/bin/sh\necho second\n");
    await review(first.page);
    await review(second.page);
    await apply(started, first.page);
    await started.pass();
    await expectApplied(first.page);
    await second.page.getByRole("button", { name: "Apply", exact: true }).click();
    await second.page.getByText("Somebody else has changed this CVM").waitFor();
    await second.page.getByRole("button", { name: "Review again" }).click();
    await second.page.getByText("public logs: yes →").waitFor();
    expect(await second.page.getByRole("button", { name: "Apply", exact: true }).count()).toBe(0);
    await second.page.getByRole("button", { name: "Keep my change, on the new version" }).click();
    await apply(started, second.page);
    await started.pass();
    await expectApplied(second.page);
    expect(await started.callRest("/cvms/json-text")).toMatchObject({ public_logs: false });
    const { pre_launch_script: script } = await started.callRest("/cvms/json-text/compose_file");
    expect(script).toContain("second");
    expect([...first.errors, ...second.errors]).toEqual([]);
  }, 60_000);
});
