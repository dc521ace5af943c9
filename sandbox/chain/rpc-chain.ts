import { hexToBytes } from "@noble/hashes/utils.js";
import { z } from "zod";
import {
  APP_CONTRACT_READS,
  APP_CONTRACT_WRITES,
  encodeAllowedComposeHashes,
  encodeAllowedDeviceIds,
} from "../../src/crypto/app-contract.ts";
import { bareHex } from "../identity.ts";
import {
  type AppContractState,
  type BootInfo,
  type Chain,
  ChainError,
  deriveBootProblem,
  type TransactionCheck,
} from "./chain.ts";
import { decodeIsAppAllowed, encodeIsAppAllowed } from "./is-app-allowed.ts";
import { createRpcClient, type RpcClient } from "./rpc-client.ts";

const log = z.object({ address: z.string(), topics: z.array(z.string()), data: z.string() });

/** Null for a transaction that is unknown, not mined yet, or dropped by a reorganisation. */
const receipt = z.object({ status: z.string(), logs: z.array(log) }).nullable();

/**
 * Connect to an EVM node.
 *
 * @throws {ChainError} when the node cannot be reached
 */
export async function connectChain(url: string): Promise<Chain> {
  const rpc = createRpcClient(url);
  try {
    const chainId = await rpc.call("eth_chainId", [], z.string().transform(Number).pipe(z.int().positive()));
    return new RpcChain(rpc, chainId);
  } catch (error) {
    throw new ChainError(
      "SANDBOX_CHAIN_RPC_URL: no EVM node answers at this URL. Start the node, or remove the setting.",
      { cause: error },
    );
  }
}

/** App contracts on a real chain. Nothing is cached, so a reorganisation takes effect here too. */
class RpcChain implements Chain {
  readonly chainId: number;
  readonly #rpc: RpcClient;

  constructor(rpc: RpcClient, chainId: number) {
    this.#rpc = rpc;
    this.chainId = chainId;
  }

  async findApp(appId: string): Promise<AppContractState | null> {
    const owner = await this.#call(appId, APP_CONTRACT_READS.owner.selector);
    const allowAnyDevice = await this.#call(appId, APP_CONTRACT_READS.allowAnyDevice.selector);
    if (owner === null || allowAnyDevice === null) return null;
    return { owner: `0x${owner.slice(-40)}`, allowAnyDevice: isTrue(allowAnyDevice) };
  }

  async isComposeHashAllowed(appId: string, composeHash: string): Promise<boolean> {
    return isTrue(await this.#call(appId, encodeAllowedComposeHashes(hexToBytes(composeHash))));
  }

  async isDeviceListed(appId: string, deviceId: string): Promise<boolean> {
    return isTrue(await this.#call(appId, encodeAllowedDeviceIds(hexToBytes(deviceId))));
  }

  async listDevices(appId: string): Promise<readonly string[]> {
    const filter = {
      address: `0x${appId}`,
      topics: [APP_CONTRACT_WRITES.addDevice.topic],
      fromBlock: "0x0",
      toBlock: "latest",
    };
    const added = await this.#rpc.call("eth_getLogs", [filter], z.array(log));
    // The event has one argument, indexed or not.
    const ids = new Set(added.map(({ topics, data }) => bareHex(topics[1] ?? data).slice(0, 64)));
    const listed: string[] = [];
    for (const id of ids) if (await this.isDeviceListed(appId, id)) listed.push(id);
    return listed;
  }

  async findBootProblem(boot: BootInfo): Promise<string | null> {
    const answer = bareHex(await this.#rpc.callContract(`0x${boot.appId}`, encodeIsAppAllowed(boot)));
    // A contract without the function, or none at all.
    return answer === "" ? deriveBootProblem(this, boot) : decodeIsAppAllowed(answer);
  }

  async verifyComposeHashAdded(
    appId: string,
    composeHash: string,
    txHash: string,
  ): Promise<TransactionCheck> {
    const hash = bareHex(txHash);
    if (!/^[0-9a-f]{64}$/.test(hash)) return "not-found";
    const found = await this.#rpc.call("eth_getTransactionReceipt", [`0x${hash}`], receipt);
    if (found === null) return "not-found";
    if (BigInt(found.status) !== 1n) return "reverted";
    const added = found.logs.some(
      ({ address, topics, data }) =>
        bareHex(address) === appId &&
        topics[0] === APP_CONTRACT_WRITES.addComposeHash.topic &&
        bareHex(topics[1] ?? data) === composeHash,
    );
    return added ? "verified" : "wrong-event";
  }

  /** Call a view function and return its one word, 64 digits; null when no contract answers. */
  async #call(appId: string, call: string | Uint8Array): Promise<string | null> {
    const data = typeof call === "string" ? call : `0x${Buffer.from(call).toString("hex")}`;
    const word = bareHex(await this.#rpc.callContract(`0x${appId}`, data));
    return /^[0-9a-f]{64}$/.test(word) ? word : null;
  }
}

function isTrue(word: string | null): boolean {
  return word !== null && BigInt(`0x${word}`) !== 0n;
}
