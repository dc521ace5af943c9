import type { Browser, Page } from "playwright-core";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { SERVER_KEYS } from "../support/sign-in/access-file.ts";
import { type SignInGateway, startSignIn } from "../support/sign-in/gateway.ts";
import { PAGE_CLIENT, RESOURCE } from "../support/sign-in/provider.ts";
import { expectAccessible } from "./support/accessible.ts";
import { startConsoleServer } from "./support/console-server.ts";
import { launchBrowser, openCvm, openPage } from "./support/open-console.ts";

/** Sign in as a person at the pages of the provider. */
async function signIn(page: Page): Promise<void> {
  // The provider remembers who has signed in before.
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByPlaceholder("Enter any login").fill("alice");
  await page.getByPlaceholder("and password").fill("x");
  await page.getByRole("button", { name: "Sign-in" }).click();
  await page.getByRole("button", { name: "Continue" }).click();
}

describe("the console with a sign-in", { tags: ["chromium", "graphql-codegen"] }, () => {
  let browser: Browser;
  let server: Awaited<ReturnType<typeof startConsoleServer>>;
  let gateway: SignInGateway;

  beforeAll(async () => {
    server = await startConsoleServer();
    [browser, gateway] = await Promise.all([
      launchBrowser(),
      startSignIn({ environment: { CORS_ORIGINS: server.url } }),
    ]);
    gateway.provider.allowRedirect(`${server.url}/`);
    const { issuer } = gateway.provider;
    server.configure({
      gatewayUrl: gateway.url,
      signIn: { issuer, clientId: PAGE_CLIENT, scope: "openid cvms", resource: RESOURCE },
    });
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    await gateway?.[Symbol.asyncDispose]();
    await server?.stop();
  });

  it("signs in with a code and PKCE, comes back to the page, and keeps the token in memory only", async () => {
    await using opened = await openPage(browser, `${server.url}/cvms/web-phala/resources`);
    const { page, errors } = opened;
    const received: string[] = [];
    page.on("response", (response) => {
      response.text().then(
        (text) => received.push(text),
        () => undefined,
      );
    });
    await page.getByRole("heading", { name: "Sign in" }).waitFor();
    await page.clock.install();
    await expectAccessible(page, "sign-in");
    await signIn(page);
    await page.getByLabel("vCPUs").waitFor();
    expect(new URL(page.url()).pathname + new URL(page.url()).search).toBe("/cvms/web-phala/resources");
    await page.getByText("alice · production").waitFor();
    const stored = "Object.keys(localStorage).length + Object.keys(sessionStorage).length";
    expect(await page.evaluate(stored)).toBe(0);
    for (const key of Object.values(SERVER_KEYS)) expect(received.join("")).not.toContain(key);
    expect(gateway.provider.requests.some((url) => url.includes("code_challenge_method=S256"))).toBe(true);
    // After ten minutes, the token ends. The provider still knows the person.
    await page.clock.fastForward("10:01");
    // The old page shows the same texts until the browser leaves it.
    const exchanged = page.waitForResponse((response) => new URL(response.url()).pathname === "/token");
    await page.getByRole("button", { name: "Your sign-in has ended. Sign in again" }).click();
    await exchanged;
    await page.getByText("alice · production").waitFor();
    await page.getByLabel("vCPUs").waitFor();
    await page.reload();
    await page.getByRole("button", { name: "Sign in" }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("has no buttons for what the roles of the person forbid", async () => {
    await using opened = await openPage(browser, server.url);
    const { page, errors } = opened;
    await signIn(page);
    await openCvm(page, "web-phala");
    await page.getByRole("button", { name: "Restart" }).waitFor();
    await page.getByRole("link", { name: "Environment" }).click();
    await page.getByText("Your roles allow you to see the names of the variables.").waitFor();
    expect(await page.getByRole("button", { name: "Add a variable" }).count()).toBe(0);
    expect(await page.getByRole("button", { name: /^Remove/ }).count()).toBe(0);
    await page.getByRole("link", { name: "All CVMs" }).click();
    await openCvm(page, "dev-image");
    await page.getByRole("heading", { name: "Machine" }).waitFor();
    expect(await page.getByRole("button", { name: "Restart" }).count()).toBe(0);
    await page.getByRole("link", { name: "Resources" }).click();
    await page.getByText("Your roles allow you to see the resources.").waitFor();
    expect(await page.getByRole("button", { name: /vCPU/ }).count()).toBe(0);
    expect(await page.getByLabel("vCPUs").getAttribute("readonly")).not.toBeNull();
    expect(errors).toEqual([]);
  }, 60_000);
});
