import { describe, expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { apply, expectApplied, fillEditor, openCvm, review, SECOND_WINDOW } from "./support/open-console.ts";
import { useConsole } from "./support/use-console.ts";

describe("a change that does not go as planned", { tags: ["chromium", "graphql-codegen"] }, () => {
  const used = useConsole({ timeScale: 0 });

  it("reaches its end when the connection is cut in the middle", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "web-phala", "Resources");
    await page.getByRole("button", { name: "2 vCPU · 4 GB" }).click();
    await review(page);
    await apply(used.console, page);
    await used.console.pass(4_000);
    const progress = page.getByRole("progressbar", { name: "Progress of the change" });
    await expect
      .poll(async () => Number(await progress.getAttribute("aria-valuenow")), { timeout: 10_000 })
      .toBeGreaterThan(30);
    const writes = await used.console.listWrites();
    used.console.network.isOffline = true;
    used.console.network.cut();
    await used.console.pass();
    await page.getByText("The connection to the gateway is lost").waitFor();
    await expectAccessible(page, "connection-lost");
    used.console.network.isOffline = false;
    await expectApplied(page);
    await page.getByText("The connection to the gateway is lost").waitFor({ state: "hidden" });
    await page.getByText("Running", { exact: true }).first().waitFor();
    await page.getByRole("link", { name: "Overview" }).click();
    await page
      .getByRole("definition")
      .filter({ hasText: /^4 GB$/ })
      .waitFor();
    expect(await used.console.listWrites()).toEqual(writes);
    expect(errors).toEqual([]);
  }, 60_000);

  it("is found out by reading when its answer is lost, and is not sent twice", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "no-script", "Resources");
    await page.getByRole("button", { name: "2 vCPU · 4 GB" }).click();
    await review(page);
    const writes = (await used.console.listWrites()).length;
    // The REST API applies the change, and its answer says nothing.
    used.console.proxy.rule = ({ method }) => (method === "PATCH" ? { status: 500, body: "{}" } : null);
    await apply(used.console, page);
    await page.getByText("The answer was lost on the way").waitFor();
    used.console.proxy.rule = () => null;
    await used.console.pass();
    await expectApplied(page);
    expect((await used.console.listWrites()).slice(writes)).toEqual(["PATCH 202"]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("goes on after the page was loaded again", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "dev-image", "Resources");
    await page.getByLabel("Disk in GB").fill("25");
    await review(page);
    const writes = (await used.console.listWrites()).length;
    await apply(used.console, page);
    await page.reload();
    await page.getByRole("button", { name: "Go on with it" }).click();
    await used.console.pass();
    await expectApplied(page);
    expect((await used.console.listWrites()).slice(writes)).toEqual(["PATCH 202"]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("waits for a busy CVM when it is asked to, and then shows what has changed", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "web-legacy", "Resources");
    await page.getByLabel("Disk in GB").fill("31");
    await review(page);
    await used.console.callRest("/cvms/web-legacy", { vcpu: 2 });
    await page.getByLabel("Wait until the running operation has ended").uncheck();
    await page.getByRole("button", { name: "Apply", exact: true }).click();
    await page.getByText("The CVM is busy").waitFor();
    await expectAccessible(page, "busy");
    await page.getByRole("button", { name: "Wait, then apply" }).click();
    await used.console.pass();
    await page.getByRole("button", { name: "Review again" }).click({ timeout: 20_000 });
    await page.getByText("vCPUs: 1 →").waitFor();
    await expectAccessible(page, "conflict");
    await page.getByRole("button", { name: "Keep my change, on the new version" }).click();
    await apply(used.console, page);
    await used.console.pass();
    await expectApplied(page);
    expect(await used.console.callRest("/cvms/web-legacy")).toMatchObject({
      resource: { vcpu: 2, disk_in_gb: 31 },
    });
    expect(errors).toEqual([]);
  }, 60_000);

  it("says what to do when it is refused, and goes back to the change", async () => {
    await using opened = await used.open();
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
    used.console.network.isOffline = true;
    used.console.network.cut();
    await using opened = await used.open();
    const { page } = opened;
    await page.getByText("The gateway does not answer. Check the connection.").waitFor();
    used.console.network.isOffline = false;
    await page.getByRole("button", { name: "Try again" }).click();
    await page.getByRole("link", { name: "web-phala" }).waitFor();
    expect(await page.getByRole("alert").count()).toBe(0);
  }, 60_000);

  it("says what is wrong with its own settings", async () => {
    used.console.configure({ gatewayUrl: "gateway" });
    await using opened = await used.open();
    used.console.configure({});
    await opened.page.getByText("gatewayUrl in config.json must be a URL").waitFor();
    expect(opened.errors).toEqual([]);
  }, 60_000);

  it("asks for another key when the gateway does not accept the first one", async () => {
    used.console.configure({ sandboxKey: "wrong" });
    await using opened = await used.open();
    used.console.configure({});
    const { page, errors } = opened;
    await page.getByRole("button", { name: "Enter another key" }).click();
    await page.getByLabel("API key").fill("sandbox-demo");
    await page.getByRole("button", { name: "Open" }).click();
    await page.getByRole("link", { name: "web-phala" }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("shows a conflict of two tabs that change the same CVM, and lets the person decide", async () => {
    await using first = await used.open();
    await using second = await used.open(SECOND_WINDOW);
    await openCvm(first.page, "json-text", "Visibility");
    await openCvm(second.page, "json-text", "Compose");
    await first.page.getByLabel("Container logs").uncheck();
    await fillEditor(second.page, "Pre-launch script", "#!/bin/sh\necho second\n");
    await review(first.page);
    await review(second.page);
    await apply(used.console, first.page);
    await used.console.pass();
    await expectApplied(first.page);
    await second.page.getByRole("button", { name: "Apply", exact: true }).click();
    await second.page.getByText("Somebody else has changed this CVM").waitFor();
    await second.page.getByRole("button", { name: "Review again" }).click();
    await second.page.getByText("public logs: yes →").waitFor();
    expect(await second.page.getByRole("button", { name: "Apply", exact: true }).count()).toBe(0);
    await second.page.getByRole("button", { name: "Keep my change, on the new version" }).click();
    await apply(used.console, second.page);
    await used.console.pass();
    await expectApplied(second.page);
    expect(await used.console.callRest("/cvms/json-text")).toMatchObject({ public_logs: false });
    const { pre_launch_script: script } = await used.console.callRest("/cvms/json-text/compose_file");
    expect(script).toContain("second");
    expect([...first.errors, ...second.errors]).toEqual([]);
  }, 60_000);
});
