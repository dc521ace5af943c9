import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import {
  createPublicClient,
  createTestClient,
  createWalletClient,
  defineChain,
  type Hex,
  http,
  type TransactionReceipt,
} from "viem";
import { requirePart } from "./parts.ts";

/** A transaction that the gateway returns for a wallet. */
export type TransactionRequest = {
  readonly chainId: number;
  readonly to: Hex;
  readonly data: Hex;
  readonly value: Hex;
};

async function readPort(output: NodeJS.ReadableStream): Promise<number> {
  for await (const line of createInterface({ input: output })) {
    const port = /Listening on 127\.0\.0\.1:(\d+)/.exec(line)?.[1];
    if (port !== undefined) return Number(port);
  }
  throw new Error("anvil ended before it listened");
}

/** A real EVM on a free port, chain 31337. Its accounts are unlocked. */
export async function startAnvil() {
  const child = spawn(requirePart("anvil"), ["--host", "127.0.0.1", "--port", "0"], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const port = await readPort(child.stdout);
  child.stdout.resume();
  const url = `http://127.0.0.1:${port}`;
  const chain = defineChain({
    id: 31337,
    name: "Anvil",
    nativeCurrency: { name: "Ether", symbol: "ETH", decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const transport = http(url);
  const wallet = createWalletClient({ chain, transport });
  const node = createPublicClient({ chain, transport, pollingInterval: 20 });
  return {
    url,
    node,
    wallet,
    control: createTestClient({ chain, transport, mode: "anvil" }),
    /** The accounts: the first one owns what a test deploys. */
    accounts: await wallet.getAddresses(),
    /** Send a transaction that the gateway returned, on the chain that it names, as a wallet does. */
    async send(account: Hex, request: TransactionRequest): Promise<Hex> {
      if (request.chainId !== chain.id) throw new Error(`The wallet is not on chain ${request.chainId}`);
      const { to, data } = request;
      return wallet.sendTransaction({ account, to, data, value: BigInt(request.value) });
    },
    mined: (hash: Hex): Promise<TransactionReceipt> => node.waitForTransactionReceipt({ hash }),
    async [Symbol.asyncDispose]() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, "exit");
      child.kill("SIGKILL");
      await ended;
    },
  };
}

/** A running anvil. */
export type Anvil = Awaited<ReturnType<typeof startAnvil>>;
