import type { Dispatcher } from "undici";
import { z } from "zod";

/** A call of the JSON-RPC API of an EVM node. */
export type RpcCall = { readonly method: string; readonly params: readonly unknown[] };

/** Thrown for an answer that is not a result. It quotes neither the URL nor the answer. */
export class ChainNodeError extends Error {
  override readonly name = "ChainNodeError";
}

/** Thrown for an answer that a node without batches gives to a batch. */
class BatchRefusedError extends ChainNodeError {}

const answerWire = z.object({ id: z.number(), result: z.unknown().optional() });

const batchWire = z.array(answerWire);

/** Statuses of an overloaded or absent node. They say nothing about batches. */
const PASSING_STATUSES = new Set([408, 429, 502, 503, 504]);

async function post(agent: Dispatcher, url: URL, body: unknown, signal: AbortSignal) {
  const reply = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: "POST",
    headers: { "content-type": "application/json", accept: "application/json" },
    body: JSON.stringify(body),
    signal,
  });
  return { status: reply.statusCode, text: await reply.body.text() };
}

function toRequest({ method, params }: RpcCall, id: number): object {
  return { jsonrpc: "2.0", id, method, params };
}

/** Parse the answer to a batch. @throws {ChainNodeError} */
function parseBatch({ status, text }: { readonly status: number; readonly text: string }) {
  if (PASSING_STATUSES.has(status)) throw new ChainNodeError(`HTTP ${status}`);
  const answers = status === 200 ? batchWire.safeParse(findJson(text)).data : undefined;
  // JSON-RPC answers a batch that is refused as a whole with one object.
  if (answers === undefined || answers.length === 0) throw new BatchRefusedError(`no batch, HTTP ${status}`);
  return new Map(answers.map(({ id, result }) => [id, result]));
}

function findJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

async function sendSingly(agent: Dispatcher, url: URL, calls: readonly RpcCall[], signal: AbortSignal) {
  const results = await Promise.all(
    calls.map(async (call, id) => {
      const { status, text } = await post(agent, url, toRequest(call, id), signal);
      const answer = status === 200 ? answerWire.safeParse(findJson(text)).data : undefined;
      if (answer === undefined) throw new ChainNodeError(`no answer to ${call.method}, HTTP ${status}`);
      return [id, answer.result] as const;
    }),
  );
  return new Map(results);
}

/** Results by the place of the call. A call without a result has none. */
export type RpcResults = ReadonlyMap<number, unknown>;

/**
 * Create the sender of calls to one node. It sends them as one batch. To a node that refuses batches it sends them
 * one by one, from then on without trying a batch first.
 *
 * @throws {ChainNodeError} and the errors of undici, when the node gives no answer
 */
export function createSender(agent: Dispatcher, url: URL) {
  let acceptsBatches = true;
  return async (calls: readonly RpcCall[], signal: AbortSignal): Promise<RpcResults> => {
    if (!acceptsBatches) return sendSingly(agent, url, calls, signal);
    try {
      return parseBatch(await post(agent, url, calls.map(toRequest), signal));
    } catch (error) {
      if (!(error instanceof BatchRefusedError)) throw error;
      const results = await sendSingly(agent, url, calls, signal);
      acceptsBatches = false;
      return results;
    }
  };
}
