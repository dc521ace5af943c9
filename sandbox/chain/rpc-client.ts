import { z } from "zod";
import { ChainError } from "./chain.ts";

/** Timeout of one call, in milliseconds. */
const TIMEOUT_MS = 10_000;

/** JSON-RPC error code of a reverted call (EIP-1474). */
const REVERTED = 3;

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.int(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/** JSON-RPC client of an EVM node. */
export type RpcClient = {
  /**
   * Make one call and validate its result.
   *
   * @throws {ChainError} when the node cannot be reached, rejects the call or sends an unexpected result
   */
  call<Schema extends z.ZodType>(method: string, params: unknown, schema: Schema): Promise<z.output<Schema>>;
  /**
   * Call a view function of a contract (`eth_call`).
   *
   * @param data - call data, `0x` and hex
   * @returns the result, `0x` and hex; `0x` without a contract or when it lacks the function
   * @throws {ChainError} as `call` does
   */
  callContract(address: string, data: string): Promise<string>;
};

const hex = z.string().regex(/^0x[0-9a-f]*$/i);

/** Create the client of one node. */
export function createRpcClient(url: string): RpcClient {
  let count = 0;

  async function send(method: string, params: unknown) {
    count += 1;
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify({ jsonrpc: "2.0", id: count, method, params }),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      return answerSchema.parse(await response.json());
    } catch (error) {
      throw new ChainError(`${method}: the node of the chain did not answer.`, { cause: error });
    }
  }

  return {
    async call(method, params, schema) {
      const answer = await send(method, params);
      if ("error" in answer) throw new ChainError(`${method}: the node of the chain rejected the call.`);
      const parsed = schema.safeParse(answer.result);
      if (!parsed.success)
        throw new ChainError(`${method}: the node of the chain sent an unexpected result.`);
      return parsed.data;
    },
    async callContract(address, data) {
      const answer = await send("eth_call", [{ to: address, data }, "latest"]);
      if ("result" in answer && hex.safeParse(answer.result).success) return hex.parse(answer.result);
      const reverted =
        "error" in answer && (answer.error.code === REVERTED || /revert/i.test(answer.error.message));
      if (reverted) return "0x";
      throw new ChainError("eth_call: the node of the chain rejected the call.");
    },
  };
}
