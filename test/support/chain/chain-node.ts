import { encodeFunctionData, type Hex, keccak256, toBytes } from "viem";
import { z } from "zod";
import { serve } from "../upstream/listen.ts";
import { readBody } from "../upstream/reply.ts";
import { APP_ABI } from "./contracts.ts";

const callWire = z.object({ id: z.number(), method: z.string(), params: z.array(z.unknown()) });

type Call = z.output<typeof callWire>;

/** What the node shows of one app contract. A hash or device that is not listed is not allowed. */
export type ChainState = {
  readonly composeHashes?: readonly string[];
  readonly devices?: readonly string[];
  readonly allowAnyDevice?: boolean;
  readonly receipts?: Readonly<Record<string, object>>;
};

/** How the node answers a batch. */
export type BatchForm = "batch" | "one error" | "HTTP 400" | "text";

const toWord = (flag: boolean): Hex => `0x${"0".repeat(63)}${flag ? 1 : 0}`;
const selectorOf = (signature: string): string => keccak256(toBytes(signature)).slice(0, 10);

function answerEthCall(
  { composeHashes = [], devices = [], allowAnyDevice = false }: ChainState,
  data: string,
) {
  const argument = data.slice(10);
  switch (data.slice(0, 10)) {
    case selectorOf("allowedComposeHashes(bytes32)"):
      return toWord(composeHashes.includes(argument));
    case selectorOf("allowedDeviceIds(bytes32)"):
      return toWord(devices.includes(argument));
    case encodeFunctionData({ abi: APP_ABI, functionName: "allowAnyDevice" }):
      return toWord(allowAnyDevice);
    default:
      return "0x";
  }
}

function answerCall(chainId: number, state: ChainState, { method, params }: Call): unknown {
  if (method === "eth_chainId") return `0x${chainId.toString(16)}`;
  if (method === "eth_getTransactionReceipt") return state.receipts?.[String(params[0])] ?? null;
  return answerEthCall(state, z.object({ data: z.string() }).parse(params[0]).data);
}

const refusal = { jsonrpc: "2.0", id: null, error: { code: -32600, message: "batches are not supported" } };

/** Start a node of one chain with one app contract. It records the number of calls of each request. */
export async function startChainNode(chainId: number, state: ChainState, form: BatchForm = "batch") {
  const requests: number[] = [];
  const server = await serve((request, response) => {
    void (async () => {
      const body: unknown = JSON.parse(await readBody(request));
      const isBatch = Array.isArray(body);
      const calls = z.array(callWire).parse(isBatch ? body : [body]);
      requests.push(isBatch ? calls.length : 1);
      const answers = calls.map((call) => ({
        jsonrpc: "2.0",
        id: call.id,
        result: answerCall(chainId, state, call),
      }));
      if (!isBatch || form === "batch") return response.end(JSON.stringify(isBatch ? answers : answers[0]));
      if (form === "HTTP 400") return response.writeHead(400).end("Bad Request");
      return response.end(form === "text" ? "batches are not supported" : JSON.stringify(refusal));
    })();
  });
  return { ...server, requests, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}
