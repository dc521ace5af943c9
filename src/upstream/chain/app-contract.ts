import { bytesToHex, hexToBytes } from "@noble/hashes/utils.js";
import DataLoader from "dataloader";
import {
  APP_CONTRACT_READS,
  encodeAllowedComposeHashes,
  encodeAllowedDeviceIds,
} from "../../crypto/app-contract.ts";
import { parseHexBytes } from "../transport/wire-scalars.ts";
import type { ChainNode } from "./chain-node.ts";
import type { Chains } from "./chains.ts";

/** The most calls in one JSON-RPC batch. Providers limit a batch to 100 calls and more. */
const MAX_BATCH = 50;

/** Reads of one app contract. Each is null if the chain cannot be asked or the address is no app contract. */
export type AppContract = {
  /** Address of the owner, `0x` and lower case. */
  fetchOwner(): Promise<string | null>;
  /** @param composeHash - 32 bytes, hex */
  fetchHashAllowed(composeHash: string): Promise<boolean | null>;
  fetchAnyDeviceAllowed(): Promise<boolean | null>;
  /** @param deviceId - 32 bytes, hex */
  fetchDeviceAllowed(deviceId: string): Promise<boolean | null>;
};

type ContractCall = { readonly to: string; readonly data: string };

/** Create the calls of one request to a node: each is sent once, those of one moment in one batch. */
function createCaller(node: ChainNode): (call: ContractCall) => Promise<unknown> {
  const loader = new DataLoader<ContractCall, unknown, string>(
    (calls) =>
      node.send(calls.map((call) => ({ method: "eth_call", params: [call, "latest"] }))).then(Array.from),
    { maxBatchSize: MAX_BATCH, cacheKeyFn: ({ to, data }) => `${to} ${data}` },
  );
  return (call) => loader.load(call);
}

/** Parse a word of 32 bytes. @returns null for any other result, such as that of an address without code */
function parseWord(result: unknown): string | null {
  return typeof result === "string" && /^0x[0-9a-f]{64}$/i.test(result)
    ? result.slice(2).toLowerCase()
    : null;
}

function parseFlag(result: unknown): boolean | null {
  const word = parseWord(result);
  if (word === null || !/^0{63}[01]$/.test(word)) return null;
  return word.endsWith("1");
}

function parseOwner(result: unknown): string | null {
  const word = parseWord(result);
  return word?.startsWith("0".repeat(24)) ? `0x${word.slice(24)}` : null;
}

function createAppContract(call: (call: ContractCall) => Promise<unknown>, to: string): AppContract {
  const read = (data: string) => call({ to, data });
  async function readFlagOf(word: string, encode: (word: Uint8Array) => Uint8Array): Promise<boolean | null> {
    const hex = parseHexBytes(word);
    if (hex?.length !== 64) return null;
    return parseFlag(await read(`0x${bytesToHex(encode(hexToBytes(hex)))}`));
  }
  return {
    fetchOwner: async () => parseOwner(await read(APP_CONTRACT_READS.owner.selector)),
    fetchHashAllowed: (composeHash) => readFlagOf(composeHash, encodeAllowedComposeHashes),
    fetchAnyDeviceAllowed: async () => parseFlag(await read(APP_CONTRACT_READS.allowAnyDevice.selector)),
    fetchDeviceAllowed: (deviceId) => readFlagOf(deviceId, encodeAllowedDeviceIds),
  };
}

/** The chain and the address of an app contract, as the REST API reports them. */
export type ContractPlace = { readonly chainId: number | null; readonly appContractAddress: string | null };

/**
 * Create the reads of app contracts for one request.
 *
 * @returns a function that returns null if the chain has no URL in `CHAIN_RPC_URLS`, or the contract is unknown
 */
export function createAppContractLoader(chains: Chains): (place: ContractPlace) => AppContract | null {
  const callers = new Map<ChainNode, ReturnType<typeof createCaller>>();
  return ({ chainId, appContractAddress }) => {
    const node = chainId === null ? null : chains.find(chainId);
    if (node === null || appContractAddress === null) return null;
    const call = callers.get(node) ?? createCaller(node);
    callers.set(node, call);
    return createAppContract(call, appContractAddress);
  };
}
