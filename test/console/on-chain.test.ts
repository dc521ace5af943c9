import { readFile } from "node:fs/promises";
import type { Page } from "playwright-core";
import { describe, expect, it } from "vitest";
import { importSafeBatch } from "../support/chain/safe-transaction-builder.ts";
import { expectAccessible } from "./support/accessible.ts";
import { expectApplied, fillEditor, openCvm, review } from "./support/open-console.ts";
import { useConsole } from "./support/use-console.ts";

/** A wallet in the page: EIP-1193, on the chain of the sandbox. Its person declines the first transaction. */
const WALLET = `(() => {
  let chainId = "0x2105";
  let declines = 1;
  const calls = [];
  window.walletCalls = calls;
  const rpc = async (method, params) => {
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params });
    const answer = await (await fetch("/sandbox-rpc", { method: "POST", body })).json();
    if (answer.error) throw Object.assign(new Error(answer.error.message), { code: answer.error.code });
    return answer.result;
  };
  window.ethereum = {
    async request({ method, params = [] }) {
      calls.push(method);
      if (method === "eth_chainId") return chainId;
      if (method === "wallet_switchEthereumChain") { chainId = params[0].chainId; return null; }
      if (method !== "eth_sendTransaction") return rpc(method, params);
      if (declines-- > 0) throw Object.assign(new Error("User rejected the request."), { code: 4001 });
      return rpc(method, [{ ...params[0], chainId: Number(chainId) }]);
    },
  };
})()`;

/** A wallet that names a transaction which never reaches the chain. */
const FORGETFUL_WALLET = WALLET.replace(
  /return rpc\(method, \[.*\]\);/,
  'return "0x" + "ab".repeat(32);',
).replace("let declines = 1", "let declines = 0");

/** Change the script, which needs a registered hash on a CVM with an on-chain KMS. */
async function changeScript(page: Page, name: string): Promise<void> {
  await openCvm(page, name, "Compose");
  await fillEditor(page, "Pre-launch script", "#!/bin/sh\necho from the console\n");
  await review(page);
  const means = page.getByRole("region", { name: "What it means" });
  expect(await means.innerText()).toMatch(/Signature needed\s+yes/);
}

describe("a CVM whose keys are guarded by a contract", { tags: ["chromium", "graphql-codegen"] }, () => {
  const used = useConsole();

  it("allows the device and registers the hash on the chain of the sandbox, also after a first no", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await changeScript(page, "web-base-locked-device");
    await page.getByRole("button", { name: "Apply and sign" }).click();
    await page.getByRole("button", { name: "Do not sign" }).click();
    await page.getByText("The change is not signed").waitFor();
    await page.getByRole("button", { name: "Sign", exact: true }).click();
    for (const name of ["Allow the device of this CVM first", "Register the new configuration"]) {
      const panel = page.getByRole("region", { name });
      await panel.getByRole("button", { name: "Send on the sandbox's chain" }).click();
      await panel.waitFor({ state: "detached" });
    }
    await expectApplied(page);
    const { pre_launch_script: script } = await used.console.callRest(
      "/cvms/web-base-locked-device/compose_file",
    );
    expect(script).toContain("from the console");
    expect(errors).toEqual([]);
  }, 60_000);

  it("sends the transaction to the wallet of the browser, on the right chain, also after it was declined", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await page.addInitScript(WALLET);
    await page.reload();
    await changeScript(page, "web-ethereum");
    await page.getByRole("button", { name: "Apply and sign" }).click();
    await page.getByRole("button", { name: "Send with my wallet" }).click();
    await page.getByText("You declined in the wallet. Nothing was sent.").waitFor();
    await page.getByRole("button", { name: "Send with my wallet" }).click();
    await expectApplied(page);
    expect(await page.evaluate("window.walletCalls")).toEqual([
      "eth_requestAccounts",
      "eth_chainId",
      "wallet_switchEthereumChain",
      "eth_getCode",
      "eth_call",
      "eth_chainId",
      "eth_sendTransaction",
      "eth_requestAccounts",
      "eth_chainId",
      "eth_getCode",
      "eth_call",
      "eth_chainId",
      "eth_sendTransaction",
    ]);
    expect(errors).toEqual([]);
  }, 60_000);

  it("stops to wait for a transaction that never arrives, and goes back to the change", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await page.addInitScript(FORGETFUL_WALLET);
    await page.reload();
    await changeScript(page, "web-base");
    await page.getByRole("button", { name: "Apply and sign" }).click();
    await page.getByRole("button", { name: "Send with my wallet" }).click();
    await page.getByRole("button", { name: "Stop waiting" }).click();
    await page.getByText("The change is not confirmed").waitFor();
    expect(await page.getByRole("button", { name: "Go on" }).isVisible()).toBe(true);
    await page.getByRole("button", { name: "Back to my change" }).click();
    await page.getByRole("region", { name: "What it means" }).waitFor();
    expect(errors).toEqual([]);
  }, 60_000);

  it("prepares a change for several signers: a file for the Safe, and a link that commits it later", async () => {
    await using opened = await used.open();
    const { page, errors } = opened;
    await changeScript(page, "web-base-indented");
    await page.getByRole("button", { name: "Prepare for several signers" }).click();
    await page.getByRole("button", { name: "Prepare", exact: true }).click();
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.getByRole("button", { name: "Download the Safe file" }).click(),
    ]);
    expect(download.suggestedFilename()).toBe("web-base-indented-safe.json");
    const file = JSON.parse(await readFile(await download.path(), "utf8"));
    const { checksumIsValid, shown, calls } = importSafeBatch(file);
    expect(checksumIsValid).toBe(true);
    expect(shown).toMatchObject([{ method: "addComposeHash" }]);
    await expectAccessible(page, "several signers");
    const link = await page.getByLabel("Commit link").inputValue();
    expect(new URL(link).search).toBe("");

    let hash = "";
    for (const { to, data } of calls) {
      hash = await used.console.sendTransaction({ chainId: Number(file.chainId), to, data, value: "0x0" });
    }
    // Somebody without a key opens the link.
    used.console.configure({ sandboxKey: null });
    await using later = await used.open({}, link);
    used.console.configure({});
    const form = later.page;
    await form.getByLabel("Hash of the transaction").fill("0x12");
    await form.getByText("This is not the hash of a transaction.").waitFor();
    await expectAccessible(form, "commit");
    await form.getByLabel("Hash of the transaction").fill(hash);
    await form.getByRole("button", { name: "Commit the change" }).click();
    await form.getByText("The change is committed").waitFor();
    await page.getByRole("link", { name: "History" }).click();
    await page.getByRole("row").filter({ hasText: "Completed" }).first().waitFor({ timeout: 20_000 });
    const { pre_launch_script: script } = await used.console.callRest("/cvms/web-base-indented/compose_file");
    expect(script).toContain("from the console");
    expect([...errors, ...later.errors]).toEqual([]);
  }, 60_000);
});
