import { describe, expect, it } from "vitest";
import { expectAccessible } from "./support/accessible.ts";
import { apply, expectApplied, fillEditor, openCvm, review, SECOND_WINDOW } from "./support/open-console.ts";
import { useConsole } from "./support/use-console.ts";

const COMPOSE = `services:
  web:
    image: nginx:1.27.4@sha256:${"0".repeat(64)}
    environment:
      DATABASE_URL: \${DATABASE_URL}
      API_TOKEN: \${API_TOKEN}
`;

describe("the console, from the list to the end of a change", {
  tags: ["chromium", "graphql-codegen"],
}, () => {
  const used = useConsole({ timeScale: 0 });

  it("changes the compose file: the plan shows problems at their place, the review shows the diff", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "fleet-01", "Compose");
    await fillEditor(
      page,
      "Docker Compose file",
      "services:\n  web:\n    image: nginx:1.27.4\n    env_file: .env\n",
    );
    await page.getByRole("button", { name: /^line 4, column/ }).click();
    await page.locator(".cm-lintRange-error").waitFor();
    await fillEditor(page, "Docker Compose file", COMPOSE.replaceAll(/ {4}environment:[\s\S]*/g, ""));
    await page.getByText("No problems found.").waitFor();
    await review(page);
    const means = page.getByRole("region", { name: "What it means" });
    await expect.poll(() => means.innerText()).toMatch(/Restarts\s+yes/);
    expect(await means.innerText()).toMatch(
      /Compose hash now\s+[0-9a-f]{64}\s+Compose hash then\s+[0-9a-f]{64}/,
    );
    expect(await means.innerText()).toMatch(/Signature needed\s+no/);
    const diff = page.getByRole("region", { name: "Changes of the Docker Compose file" });
    expect(await diff.innerText()).toMatch(/added:\s+image: nginx:1\.27\.4@sha256/);
    await apply(used.console, page);
    await page.getByRole("progressbar", { name: "Progress of the change" }).waitFor();
    await used.console.pass();
    await expectApplied(page);
    const { docker_compose_file: deployed } = await used.console.callRest("/cvms/fleet-01/compose_file");
    expect(deployed).toContain("nginx:1.27.4@sha256");
    expect(errors).toEqual([]);
  }, 60_000);

  it("seals a new environment in the browser, after it has explained which values would be lost", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    const bodies: string[] = [];
    page.on("request", (request) => bodies.push(request.postData() ?? ""));
    page.on("websocket", (socket) => socket.on("framesent", ({ payload }) => bodies.push(String(payload))));
    await openCvm(page, "web-phala", "Environment");
    await page.getByLabel("Value of API_TOKEN").fill("hunter2-token");
    await page.getByText("These values would be lost").waitFor();
    await expectAccessible(page, "lost values");
    await page.getByRole("link", { name: "Review change" }).click();
    await page.getByText("Confirm on the environment tab that you seal to it all the same.").waitFor();
    await page.getByRole("link", { name: "Go to the environment" }).click();
    await page.getByLabel("Seal to this key all the same").check();
    await review(page);
    const problems = page.getByRole("region", { name: "Problems" });
    expect(await problems.innerText()).toMatch(/missing: DATABASE_URL.*type their values again/);
    await page.getByRole("link", { name: "Environment (changed)" }).click();
    await page.getByLabel("Value of DATABASE_URL").fill("hunter2-database");
    await page.getByRole("button", { name: "Add a variable" }).click();
    await page.getByRole("textbox", { name: "Name" }).fill("LOG_LEVEL");
    await page.getByLabel("Value of LOG_LEVEL").fill("hunter2-debug");
    expect(await page.getByText("These values would be lost").count()).toBe(0);
    await review(page);
    await page.getByRole("definition").filter({ hasText: "LOG_LEVEL" }).waitFor();
    await apply(used.console, page);
    await used.console.pass();
    await expectApplied(page);
    expect(await used.console.control("GET", "cvms/web-phala/env")).toMatchObject({
      env: [
        { key: "DATABASE_URL", value: "hunter2-database" },
        { key: "API_TOKEN", value: "hunter2-token" },
        { key: "LOG_LEVEL", value: "hunter2-debug" },
      ],
      allowed_envs: ["DATABASE_URL", "API_TOKEN", "LOG_LEVEL"],
    });
    expect(bodies.join("")).toContain("encryptedEnv");
    expect(bodies.join("")).not.toContain("hunter2");
    expect(errors).toEqual([]);
  }, 60_000);

  it("shows the price before and after new resources, and updates the list while the change runs", async () => {
    await using opened = await used.open();
    await using other = await used.open(SECOND_WINDOW);
    const { page, errors } = opened;
    const row = other.page.getByRole("row").filter({ hasText: "web-legacy" });
    await row.getByText("1 vCPU · 2 GB · 20 GB disk").waitFor();
    await openCvm(page, "web-legacy", "Resources");
    await page.getByRole("button", { name: "4 vCPU · 8 GB" }).click();
    const price = page.getByRole("region", { name: "Price per hour" });
    await expect.poll(() => price.innerText()).toMatch(/Now \$0\.058\s+Then \$0\.232/);
    await page.getByLabel("Disk in GB").fill("10");
    await page.getByText("Enter a whole number of at least 20.").waitFor();
    await page.getByLabel("Disk in GB").fill("30");
    await review(page);
    await page.getByRole("definition").filter({ hasText: "$0.058 → $0.232" }).waitFor();
    await apply(used.console, page);
    await row.getByText("Shutting down").waitFor();
    await used.console.pass();
    await expectApplied(page);
    await page.getByText("Price per hour: $0.058 → $0.232").waitFor();
    await row.getByText("4 vCPU · 8 GB · 30 GB disk").waitFor();
    await row.getByText("Running", { exact: true }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("changes visibility and OS image with one restart, and shows both in the history", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "private-logs", "Visibility");
    await page.getByLabel("Container logs").check();
    await page.getByRole("link", { name: "OS image" }).click();
    const images = page.getByRole("group", { name: "OS image" }).getByRole("radio");
    await images.first().waitFor();
    const chosen = page.locator("input[type=radio]:not(:checked):not(:disabled)").first();
    await chosen.check();
    await page.getByText("Not applied yet: public logs, OS image").waitFor();
    await review(page);
    const writes = (await used.console.listWrites()).length;
    await apply(used.console, page);
    await used.console.pass();
    await expectApplied(page);
    expect((await used.console.listWrites()).slice(writes)).toEqual(["PATCH 202"]);
    expect(await used.console.callRest("/cvms/private-logs")).toMatchObject({ public_logs: true });
    await page.getByRole("navigation").getByRole("link", { name: "History" }).click();
    await page.getByRole("row").filter({ hasText: "Completed" }).first().waitFor();
    await page.getByRole("region", { name: "Configurations" }).getByText("present").waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("restarts a CVM after a question", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await openCvm(page, "corr-ids");
    await page.getByRole("button", { name: "Restart" }).click();
    const dialog = page.getByRole("dialog", { name: "Restart this CVM?" });
    await dialog.getByRole("button", { name: "Restart" }).click();
    await page.getByRole("progressbar").waitFor();
    await used.console.pass();
    await page.getByRole("progressbar").waitFor({ state: "detached" });
    await page.getByText("Running", { exact: true }).first().waitFor();
    expect(errors).toEqual([]);
  }, 60_000);
});
