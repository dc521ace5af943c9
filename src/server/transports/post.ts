import type { IncomingMessage, ServerResponse } from "node:http";
import type { ExecutionResult } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";
import { chooseResultType } from "../http/accept.ts";
import { readHeader } from "../http/facts.ts";
import { parseJsonBody, readBody } from "../http/request-body.ts";
import { type ResponseHead, setHead } from "../http/response-head.ts";
import { isStream } from "../pipeline/stream-results.ts";
import type { OperationResult, Pipeline } from "../pipeline/types.ts";
import type { OpenStreams } from "./open-streams.ts";
import { sendRefusal, sendResult } from "./result-response.ts";
import { chooseStreamFormat } from "./stream-format.ts";
import { sendResults } from "./stream-response.ts";

const JSON_TYPE = /^application\/json(?:;|,|$)/;

/**
 * Whether a request is a common one: a POST of JSON that accepts JSON. Everything else goes through Yoga.
 */
export function isCommonPost({ method, headers }: IncomingMessage): boolean {
  if (method !== "POST" || !JSON_TYPE.test(headers["content-type"] ?? "")) return false;
  const accept = readHeader(headers, "accept");
  if (chooseResultType(accept) === null) return false;
  return !accept?.includes("multipart/mixed") || chooseStreamFormat(accept) !== null;
}

async function runBody(
  request: IncomingMessage,
  facts: RequestFacts,
  { runOperation, reject }: Pipeline,
): Promise<OperationResult> {
  let params: object;
  try {
    params = parseJsonBody(await readBody(request, facts));
  } catch (error) {
    return reject(facts, error);
  }
  return runOperation(facts, params);
}

/** What {@link servePost} needs. */
export type PostOptions = {
  readonly pipeline: Pipeline;
  readonly streams: OpenStreams;
  readonly head: ResponseHead;
};

/** Answer a common POST, with a single result or, for a subscription, with a stream. */
export async function servePost(
  request: IncomingMessage,
  response: ServerResponse,
  facts: RequestFacts,
  { pipeline, streams, head }: PostOptions,
): Promise<void> {
  const result = await runBody(request, facts, pipeline);
  const accept = readHeader(request.headers, "accept");
  if (!isStream(result)) {
    return sendResult(response, result, chooseResultType(accept) ?? "application/json", { head });
  }
  setHead(response, head);
  const format = chooseStreamFormat(accept);
  if (format !== null) return sendResults(response, result, format, streams);
  await endUnread(result);
  sendRefusal(response, 406, facts.id);
}

/** End a stream that the client cannot receive. */
async function endUnread(results: AsyncIterable<ExecutionResult>): Promise<void> {
  await results[Symbol.asyncIterator]().return?.();
}
