import { z } from "zod";
import { ChainError } from "./chain.ts";

/** How long a node may take for one call, milliseconds. */
const TIMEOUT_MS = 10_000;

/** EIP-1474: the code that nodes give for a call that reverts. */
const REVERTED = 3;

const answerSchema = z.union([
  z.object({ error: z.object({ code: z.int(), message: z.string() }) }),
  z.object({ result: z.unknown() }),
]);

/** Asks an EVM node over JSON-RPC. */
export type RpcClient = {
  /**
   * Makes one call and checks its result.
   *
   * @throws {ChainError} when the node cannot be reached, refuses the call or answers something else
   */
  call<Schema extends z.ZodType>(method: string, params: unknown, schema: Schema): Promise<z.output<Schema>>;
  /**
   * Reads from a contract.
   *
   * @param data - call data, `0x` and hex
   * @returns the answer, `0x` and hex; `0x` where there is no contract, or none that knows the function
   * @throws {ChainError} like `call`
   */
  callContract(address: string, data: string): Promise<string>;
};

const hex = z.string().regex(/^0x[0-9a-f]*$/i);

/** Makes a client of one node. */
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
      throw new ChainError(`${method}: the chain's node gave no answer`, { cause: error });
    }
  }

  return {
    async call(method, params, schema) {
      const answer = await send(method, params);
      if ("error" in answer) throw new ChainError(`${method}: the chain's node refused the call`);
      const parsed = schema.safeParse(answer.result);
      if (!parsed.success) throw new ChainError(`${method}: the chain's node answered something else`);
      return parsed.data;
    },
    async callContract(address, data) {
      const answer = await send("eth_call", [{ to: address, data }, "latest"]);
      if ("result" in answer && hex.safeParse(answer.result).success) return hex.parse(answer.result);
      const reverted =
        "error" in answer && (answer.error.code === REVERTED || /revert/i.test(answer.error.message));
      if (reverted) return "0x";
      throw new ChainError("eth_call: the chain's node refused the call");
    },
  };
}
