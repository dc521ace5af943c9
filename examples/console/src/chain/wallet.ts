import type { Transaction } from "@cvm-gateway/client";

/** Wallet in the browser, as EIP-1193 describes it. */
export type Wallet = {
  request(call: { readonly method: string; readonly params?: readonly unknown[] }): Promise<unknown>;
};

/** Code of EIP-1193 for a person who has declined. */
const DECLINED = 4001;

/** Code of EIP-3326 for a chain that the wallet does not know. */
const UNKNOWN_CHAIN = 4902;

/** Selector of `owner()`. */
const OWNER = "0x8da5cb5b";

function isWallet(value: unknown): value is Wallet {
  return (
    typeof value === "object" && value !== null && "request" in value && typeof value.request === "function"
  );
}

/** Find the wallet of the browser. */
export function findWallet(): Wallet | null {
  const found: unknown = "ethereum" in window ? window.ethereum : null;
  return isWallet(found) ? found : null;
}

/** The wallet, or the person, did not send the transaction. */
class WalletError extends Error {
  override readonly name = "WalletError";
}

function readCode(error: unknown): number | null {
  if (typeof error !== "object" || error === null || !("code" in error)) return null;
  return typeof error.code === "number" ? error.code : null;
}

/** Call the wallet. @throws {WalletError} in words for the person */
async function call(wallet: Wallet, method: string, params: readonly unknown[] = []): Promise<unknown> {
  try {
    return await wallet.request({ method, params });
  } catch (error) {
    const code = readCode(error);
    if (code === DECLINED) throw new WalletError("You declined in the wallet. Nothing was sent.");
    if (code === UNKNOWN_CHAIN)
      throw new WalletError("Your wallet does not know this chain. Add it there first.");
    const reason = error instanceof Error ? error.message : "It gave no reason.";
    throw new WalletError(`The wallet did not send the transaction. ${reason}`);
  }
}

/** Ask the person for an account. */
export async function connect(wallet: Wallet): Promise<string> {
  const accounts = await call(wallet, "eth_requestAccounts");
  const account: unknown = Array.isArray(accounts) ? accounts[0] : null;
  if (typeof account !== "string") throw new WalletError("The wallet has no account for this page.");
  return account;
}

/** Change to the chain of a transaction. */
async function switchChain(wallet: Wallet, chainId: number): Promise<void> {
  const wanted = `0x${chainId.toString(16)}`;
  const present = await call(wallet, "eth_chainId");
  if (typeof present === "string" && Number(present) === chainId) return;
  await call(wallet, "wallet_switchEthereumChain", [{ chainId: wanted }]);
}

/**
 * Look at the chain before the person signs.
 *
 * @returns what speaks against the transaction, or null
 */
export async function findObjection(
  wallet: Wallet,
  account: string,
  { chainId, to }: Transaction,
): Promise<string | null> {
  await switchChain(wallet, chainId);
  const code = await call(wallet, "eth_getCode", [to, "latest"]);
  if (code === "0x") return "There is no contract at this address on this chain.";
  const answer = await call(wallet, "eth_call", [{ to, data: OWNER }, "latest"]).catch(() => null);
  if (typeof answer !== "string" || !/^0x[0-9a-f]{64}$/i.test(answer)) return null;
  const owner = `0x${answer.slice(-40)}`;
  if (owner.toLowerCase() === account.toLowerCase()) return null;
  return `The owner of the contract is ${owner}, and your wallet uses ${account}. The contract would refuse.`;
}

/** Send a transaction. @returns its hash */
export async function send(
  wallet: Wallet,
  account: string,
  { chainId, to, data, value }: Transaction,
): Promise<string> {
  await switchChain(wallet, chainId);
  const hash = await call(wallet, "eth_sendTransaction", [{ from: account, to, data, value }]);
  if (typeof hash !== "string")
    throw new WalletError("The wallet did not return the hash of the transaction.");
  return hash;
}

/** Send a transaction on the chain of a sandbox, where nobody has to sign. @returns its hash */
export async function sendOnSandbox(rpcUrl: string, transaction: Transaction): Promise<string> {
  const response = await fetch(rpcUrl, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "eth_sendTransaction", params: [transaction] }),
  });
  const answer: unknown = await response.json();
  const hasResult = typeof answer === "object" && answer !== null && "result" in answer;
  if (hasResult && typeof answer.result === "string") return answer.result;
  throw new WalletError("The chain of the sandbox did not accept the transaction.");
}
