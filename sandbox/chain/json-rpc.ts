import { z } from "zod";
import { bareHex, deriveHex } from "../identity.ts";
import { decodeRead } from "./app-contract-calls.ts";
import { type Ledger, OWNER_ACCOUNT, STRANGER_ACCOUNT } from "./ledger.ts";
import { describeReceipt, describeTransaction, toQuantity } from "./rpc-objects.ts";

/** A JSON-RPC error. */
class RpcError extends Error {
  override readonly name = "RpcError";
  readonly code: number;

  constructor(code: number, message: string) {
    super(message);
    this.code = code;
  }
}

const callSchema = z.object({
  jsonrpc: z.literal("2.0").optional(),
  id: z.union([z.string(), z.number(), z.null()]).optional(),
  method: z.string(),
  params: z.array(z.unknown()).default([]),
});

const hexData = z.string().regex(/^0x(?:[0-9a-f]{2})*$/i);
const address = z.string().regex(/^0x[0-9a-f]{40}$/i);
const quantity = z.union([z.int().min(0), z.string().regex(/^(?:0x[0-9a-f]+|\d+)$/i)]).transform(BigInt);

/** A transaction request. Also accepts the gateway's transactions, which have a decimal chain id. */
const transactionSchema = z.looseObject({
  from: address.default(OWNER_ACCOUNT),
  to: address,
  data: hexData.optional(),
  input: hexData.optional(),
  value: quantity.default(0n),
  chainId: quantity.optional(),
});

/** The chains of one endpoint. The first is the default of calls that do not name a chain. */
export type RpcTarget = readonly [Ledger, ...Ledger[]];

const GAS = 52_000n;
const GAS_PRICE = 1_000_000_000n;

/** Placeholder code, so that a wallet recognises a contract. */
const CONTRACT_CODE = "0x60806040";

/** Answer a JSON-RPC request or a batch of requests. Never throws: errors are part of the answer. */
export async function answerJsonRpc(target: RpcTarget, body: Uint8Array): Promise<unknown> {
  let request: unknown;
  try {
    request = JSON.parse(new TextDecoder().decode(body));
  } catch {
    return describeError(null, new RpcError(-32700, "Parse error"));
  }
  if (!Array.isArray(request)) return answerCall(target, request);
  if (request.length === 0) return describeError(null, new RpcError(-32600, "Invalid Request"));
  const answers: unknown[] = [];
  // In sequence: a batch may send a transaction and ask for its receipt.
  for (const call of request) answers.push(await answerCall(target, call));
  return answers;
}

async function answerCall(target: RpcTarget, request: unknown): Promise<unknown> {
  const parsed = callSchema.safeParse(request);
  if (!parsed.success) return describeError(null, new RpcError(-32600, "Invalid Request"));
  const { id = null, method, params } = parsed.data;
  try {
    return { jsonrpc: "2.0", id, result: await runMethod(target, method, params) };
  } catch (error) {
    return describeError(id, error);
  }
}

async function runMethod(target: RpcTarget, method: string, params: readonly unknown[]): Promise<unknown> {
  const [main] = target;
  switch (method) {
    case "eth_chainId":
      return toQuantity(main.chainId);
    case "net_version":
      return String(main.chainId);
    case "eth_accounts":
    case "eth_requestAccounts":
      return [OWNER_ACCOUNT, STRANGER_ACCOUNT];
    case "eth_blockNumber":
      return toQuantity(main.blockNumber);
    case "eth_gasPrice":
      return toQuantity(GAS_PRICE);
    case "eth_maxPriorityFeePerGas":
      return toQuantity(0);
    case "eth_getBalance":
      return toQuantity(10n ** 18n);
    case "eth_getTransactionCount":
      return toQuantity(main.blockNumber - 1);
    case "eth_getCode":
      return (await findLedger(target, parseParam(address, params))) === null ? "0x" : CONTRACT_CODE;
    case "eth_sendTransaction":
      return sendTransaction(target, params);
    case "eth_estimateGas":
      return estimateGas(target, params);
    case "eth_call":
      return runEthCall(target, params);
    case "eth_getTransactionReceipt":
      return describeFound(target, params, describeReceipt);
    case "eth_getTransactionByHash":
      return describeFound(target, params, describeTransaction);
    default:
      throw new RpcError(-32601, `the method ${method} does not exist or is not available`);
  }
}

function sendTransaction(target: RpcTarget, params: readonly unknown[]): string {
  const transaction = parseParam(transactionSchema, params);
  const ledger = pickLedger(target, transaction.chainId);
  const data = transaction.data ?? transaction.input ?? "0x";
  return ledger.send({ from: transaction.from, to: transaction.to, data, value: transaction.value }).hash;
}

function estimateGas(target: RpcTarget, params: readonly unknown[]): string {
  const transaction = parseParam(transactionSchema, params);
  const data = transaction.data ?? transaction.input ?? "0x";
  const { from, to, value } = transaction;
  const willSucceed = target.some((ledger) => ledger.wouldSucceed({ from, to, data, value }));
  if (!willSucceed) throw new RpcError(3, "execution reverted");
  return toQuantity(GAS);
}

async function runEthCall(target: RpcTarget, params: readonly unknown[]): Promise<string> {
  const transaction = parseParam(transactionSchema, params);
  const ledger = await findLedger(target, transaction.to);
  if (ledger === null) return "0x";
  const appId = bareHex(transaction.to);
  const read = decodeRead(transaction.data ?? transaction.input ?? "0x");
  const app = await ledger.findApp(appId);
  if (read === null || app === null) throw new RpcError(3, "execution reverted");
  switch (read.method) {
    case "owner":
      return encodeWord(app.owner);
    case "allowAnyDevice":
      return encodeWord(app.allowAnyDevice);
    case "allowedComposeHashes":
      return encodeWord(await ledger.isComposeHashAllowed(appId, read.word));
    case "allowedDeviceIds":
      return encodeWord(await ledger.isDeviceListed(appId, read.word));
  }
}

function describeFound<Result>(
  target: RpcTarget,
  params: readonly unknown[],
  describe: (found: NonNullable<ReturnType<Ledger["findTransaction"]>>, blockHash: string) => Result,
): Result | null {
  const hash = parseParam(hexData, params);
  for (const ledger of target) {
    const found = ledger.findTransaction(hash);
    if (found !== undefined) {
      return describe(found, `0x${deriveHex(64, "block", ledger.chainId, found.blockNumber)}`);
    }
  }
  return null;
}

/** Return the chain that a transaction names, or the first chain of the endpoint. */
function pickLedger(target: RpcTarget, chainId: bigint | undefined): Ledger {
  if (chainId === undefined) return target[0];
  const ledger = target.find((candidate) => BigInt(candidate.chainId) === chainId);
  if (ledger === undefined) throw new RpcError(-32602, "chainId does not match the chain of this endpoint");
  return ledger;
}

async function findLedger(target: RpcTarget, contract: string): Promise<Ledger | null> {
  for (const ledger of target) {
    if ((await ledger.findApp(bareHex(contract))) !== null) return ledger;
  }
  return null;
}

/** Encode an address or a bool as one ABI word. */
function encodeWord(value: string | boolean): string {
  const hex = typeof value === "boolean" ? Number(value).toString() : bareHex(value);
  return `0x${hex.padStart(64, "0")}`;
}

function parseParam<Schema extends z.ZodType>(schema: Schema, params: readonly unknown[]): z.output<Schema> {
  const parsed = schema.safeParse(params[0]);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new RpcError(-32602, `invalid params: ${issue?.path.join(".") || "0"}: ${issue?.message}`);
}

function describeError(id: string | number | null, error: unknown) {
  const code = error instanceof RpcError ? error.code : -32603;
  const message = error instanceof RpcError ? error.message : "Internal error";
  return { jsonrpc: "2.0", id, error: { code, message } };
}
