import { readFileSync } from "node:fs";
import solc from "solc";
import { type Abi, type Hex, parseAbi } from "viem";
import { z } from "zod";
import type { Anvil } from "../parts/anvil.ts";

const artifact = z.object({
  abi: z.array(z.unknown()),
  evm: z.object({ bytecode: z.object({ object: z.string().min(1) }) }),
});
const compilerOutput = z.object({
  errors: z.array(z.object({ severity: z.string(), formattedMessage: z.string() })).default([]),
  contracts: z.object({ "app-contract.sol": z.record(z.string(), artifact) }).optional(),
});

/** What clients know of an app contract. */
export const APP_ABI = parseAbi([
  "function addComposeHash(bytes32 composeHash)",
  "function removeComposeHash(bytes32 composeHash)",
  "function addDevice(bytes32 deviceId)",
  "function removeDevice(bytes32 deviceId)",
  "function setAllowAnyDevice(bool allowAny)",
  "function renounceOwnership()",
  "function transferOwnership(address newOwner)",
  "function close(string reason)",
  "function owner() view returns (address)",
  "function allowAnyDevice() view returns (bool)",
  "function allowedComposeHashes(bytes32) view returns (bool)",
  "function allowedDeviceIds(bytes32) view returns (bool)",
  "event ComposeHashAdded(bytes32 composeHash)",
  "error OwnableUnauthorizedAccount(address account)",
]);

/** The smallest multisig, owner of an app contract in some tests. */
export const MULTISIG_ABI = parseAbi(["function approve(address target, bytes data)"]);

const APP_CONSTRUCTOR = parseAbi(["constructor(address, bool, bytes32[], bytes32[])"]);
const MULTISIG_CONSTRUCTOR = parseAbi(["constructor(address[3])"]);

function compile(): z.output<typeof compilerOutput> {
  const content = readFileSync(new URL("app-contract.sol", import.meta.url), "utf8");
  const input = {
    language: "Solidity",
    sources: { "app-contract.sol": { content } },
    settings: { evmVersion: "cancun", outputSelection: { "*": { "*": ["abi", "evm.bytecode.object"] } } },
  };
  const output = compilerOutput.parse(JSON.parse(solc.compile(JSON.stringify(input))));
  const errors = output.errors.filter(({ severity }) => severity === "error");
  if (errors.length > 0) throw new Error(errors.map((error) => error.formattedMessage).join("\n"));
  return output;
}

let compiled: ReturnType<typeof compile> | undefined;

function findBytecode(name: string): Hex {
  compiled ??= compile();
  const contract = compiled.contracts?.["app-contract.sol"][name];
  if (contract === undefined) throw new Error(`${name} was not compiled`);
  return `0x${contract.evm.bytecode.object}`;
}

async function deploy(anvil: Anvil, abi: Abi, bytecode: Hex, args: readonly unknown[]): Promise<Hex> {
  const [account] = anvil.accounts;
  const hash = await anvil.wallet.deployContract({ abi, bytecode, args, account: account ?? null });
  const { contractAddress } = await anvil.mined(hash);
  if (!contractAddress) throw new Error("nothing was deployed");
  return contractAddress;
}

/** Deploys an app contract. Hashes and device ids with `0x`. */
export function deployApp(
  anvil: Anvil,
  setup: {
    readonly owner: Hex;
    readonly allowAnyDevice?: boolean;
    readonly deviceIds?: readonly Hex[];
    readonly composeHashes?: readonly Hex[];
  },
): Promise<Hex> {
  const { owner, allowAnyDevice = false, deviceIds = [], composeHashes = [] } = setup;
  const args = [owner, allowAnyDevice, deviceIds, composeHashes];
  return deploy(anvil, APP_CONSTRUCTOR, findBytecode("AppContract"), args);
}

/** Deploys a two-of-three multisig. */
export function deployMultisig(anvil: Anvil, members: readonly Hex[]): Promise<Hex> {
  return deploy(anvil, MULTISIG_CONSTRUCTOR, findBytecode("TwoOfThree"), [members.slice(0, 3)]);
}
