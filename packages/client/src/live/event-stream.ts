import { createLinkedController, getAbortReason } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { isObject, parseJson } from "../json.ts";
import { createAnswerError } from "../requests/answer-errors.ts";
import {
  createNetworkError,
  type GraphqlRequest,
  parseAnswer,
  type Transport,
} from "../requests/transport.ts";

/**
 * Longest silence, in milliseconds. The gateway sends a heartbeat at least every 9.5 s, so a silent connection is
 * lost, or a proxy holds its data back.
 */
const MAX_SILENCE_MS = 22_000;

/** Thrown where responses cannot be read piece by piece, as with the `fetch` of React Native. */
export class StreamingUnsupported extends Error {}

/** Split Server-Sent Events into the data of their `next` events. `event: complete` ends the stream. */
async function* parseEvents(chunks: AsyncGenerator<Uint8Array>): AsyncGenerator<string, void> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const chunk of chunks) {
    text = (text + decoder.decode(chunk, { stream: true })).replaceAll("\r\n", "\n");
    for (let end = text.indexOf("\n\n"); end >= 0; end = text.indexOf("\n\n")) {
      const lines = text.slice(0, end).split("\n");
      text = text.slice(end + 2);
      const event = lines
        .find((line) => line.startsWith("event:"))
        ?.slice(6)
        .trim();
      if (event === "complete") return;
      const data = lines.filter((line) => line.startsWith("data:")).map((line) => line.slice(5).trimStart());
      if (event === "next") yield data.join("\n");
    }
  }
}

/** Read a body. Abort when it is silent for too long. */
async function* readChunks(
  body: ReadableStream<Uint8Array>,
  heard: () => void,
): AsyncGenerator<Uint8Array, void> {
  const reader = body.getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      yield value;
    }
  } finally {
    reader.cancel().catch(() => undefined);
  }
}

/**
 * Open a subscription over Server-Sent Events and return the data of its events. Ends when the gateway completes it
 * and when the connection ends without an error.
 *
 * @throws {StreamingUnsupported}
 * @throws {CvmGatewayError} an error of the gateway, `NETWORK_ERROR`, `INVALID_RESPONSE`; the reason of the signal
 */
export async function* openEvents(
  transport: Transport,
  request: GraphqlRequest,
  signal: AbortSignal,
): AsyncGenerator<unknown, void> {
  const { controller, unlink } = createLinkedController(signal);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(() => controller.abort(), MAX_SILENCE_MS);
  };
  heard();
  try {
    if (typeof TextDecoder !== "function") throw new StreamingUnsupported();
    const response = await transport.open(request, "text/event-stream", controller.signal);
    if (!response.headers.get("content-type")?.startsWith("text/event-stream")) {
      const { errors, requestId } = parseAnswer(await response.text(), response, request);
      throw createAnswerError(errors, request.variables, { requestId });
    }
    const { body } = response;
    if (typeof body?.getReader !== "function") throw new StreamingUnsupported();
    const requestId = response.headers.get("x-request-id");
    for await (const text of parseEvents(readChunks(body, heard))) {
      const result = parseJson(text);
      const { data, errors } = isObject(result) ? result : {};
      if (Array.isArray(errors) && (data === null || data === undefined)) {
        throw createAnswerError(errors, request.variables, { requestId });
      }
      yield data;
    }
  } catch (error) {
    if (signal.aborted) throw getAbortReason(signal);
    if (error instanceof CvmGatewayError || error instanceof StreamingUnsupported) throw error;
    throw createNetworkError(request, controller.signal.aborted ? MAX_SILENCE_MS : null, error);
  } finally {
    clearTimeout(timer);
    unlink();
    controller.abort();
  }
}
