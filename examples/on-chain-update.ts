// Change the Docker Compose file of a CVM with an on-chain KMS, and wait until the CVM has restarted.
// Set GATEWAY_URL, API_KEY, CVM_ID, COMPOSE_FILE, RPC_URL and PRIVATE_KEY (of the app contract's owner).
import { readFile } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";
import * as viem from "viem";
import { privateKeyToAccount } from "viem/accounts";

function setting(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`Set the environment variable ${name}.`);
  return value;
}

const abi = viem.parseAbi([
  "function owner() view returns (address)",
  "event ComposeHashAdded(bytes32 composeHash)",
]);
const account = privateKeyToAccount(`0x${setting("PRIVATE_KEY").replace(/^0x/, "")}`);
const transport = viem.http(setting("RPC_URL"));
const wallet = viem.createWalletClient({ account, transport });
const node = viem.createPublicClient({ transport });

async function ask(query: string, input: Record<string, unknown>) {
  const headers = { "content-type": "application/json", "x-api-key": setting("API_KEY") };
  const body = JSON.stringify({ query, variables: { input, id: input["id"] } });
  const response = await fetch(setting("GATEWAY_URL"), { method: "POST", headers, body });
  const { data, errors } = await response.json();
  if (errors) throw new Error(errors.map((e: { message: string }) => e.message).join("\n"));
  return data;
}

type Transaction = { chainId: number; to: viem.Hex; data: viem.Hex };
/** Check a transaction that the gateway prepared, send it, and wait for its receipt. */
async function send({ chainId, to, data }: Transaction) {
  if ((await node.getChainId()) !== chainId) throw new Error(`Connect to chain ${chainId}.`);
  if ((await node.getCode({ address: to })) === undefined) throw new Error(`There is no contract at ${to}.`);
  const owner = await node.readContract({ address: to, abi, functionName: "owner" });
  if (owner !== viem.getAddress(account.address))
    throw new Error(`${owner} must sign. Send the change again with prepareOnly.`);
  const hash = await wallet.sendTransaction({ chain: null, to, data });
  const receipt = await node.waitForTransactionReceipt({ hash });
  if (receipt.status !== "success") throw new Error(`Transaction ${hash} was reverted.`);
  return receipt;
}

const id = setting("CVM_ID");
const dockerComposeFile = await readFile(setting("COMPOSE_FILE"), "utf8");

// Phase 1: send the change. Nothing is applied yet if the compose hash must be registered first.
const { configureCvm: result } = await ask(
  `mutation ($input: ConfigureCvmInput!) { configureCvm(input: $input) {
    ... on InProgress { status }
    ... on OnChainHashRequired {
      composeHash prerequisites { chainId to data } transaction { chainId to data }
    } } }`,
  { id, dockerComposeFile },
);

// Phase 2: register the hash on the chain, then confirm the change. The CVM restarts with it.
if (result.transaction) {
  for (const prerequisite of result.prerequisites ?? []) await send(prerequisite);
  const { logs, transactionHash } = await send(result.transaction);
  const added = viem.parseEventLogs({ abi, logs, eventName: "ComposeHashAdded" });
  if (added[0]?.args.composeHash !== `0x${result.composeHash}`)
    throw new Error("The transaction registered another hash.");
  console.log(`registered ${result.composeHash} in ${transactionHash}`);
  const input = { id, composeHash: result.composeHash, transactionHash, waitForTransactionSeconds: 60 };
  await ask("mutation ($input: ConfirmCvmPatchInput!) { confirmCvmPatch(input: $input) { status } }", input);
}

// A client with subscriptions would use Subscription.cvmState instead of polling.
const STATE = "query ($id: ID!) { cvm(id: $id) { rawStatus inProgress compose { hash } } }";
let { cvm } = await ask(STATE, { id });
while (cvm.inProgress) {
  await sleep(500);
  ({ cvm } = await ask(STATE, { id }));
}
console.log(`${cvm.rawStatus} with ${cvm.compose?.hash}`);
