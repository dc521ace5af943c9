import { CvmGatewayError } from "../gateway-error.ts";
import { isObject } from "../json.ts";
import { createAnswerError } from "./answer-errors.ts";
import { type ParsedDocument, toDocumentText } from "./print-document.ts";
import type { Transport } from "./transport.ts";
import type { TypedDocument } from "./typed-document.ts";

/**
 * Limits of one request.
 *
 * @example
 * ```ts
 * await client.query(ReadCvmDocument, { id }, { signal: controller.signal, timeoutMs: 10_000 });
 * ```
 */
export type QueryOptions = {
  /** Cancels the request. A mutation that was sent continues to its end all the same. */
  readonly signal?: AbortSignal | undefined;
  /** Time limit in milliseconds. 190 s by default, because a gateway answers within 180 s. */
  readonly timeoutMs?: number | undefined;
};

const TIMEOUT_MS = 190_000;

/** Sends documents to one gateway. */
export type Sender = {
  readonly transport: Transport;
  /** Send a document. @throws {CvmGatewayError} if anything failed */
  query<Data, Variables>(
    document: TypedDocument<Data, Variables> | string | ParsedDocument,
    variables: Variables,
    options?: QueryOptions,
  ): Promise<Data>;
  /** Send a document, and return the data although some fields failed. @throws {CvmGatewayError} without data */
  queryPartly<Data, Variables>(
    document: TypedDocument<Data, Variables> | string | ParsedDocument,
    variables: Variables,
    options?: QueryOptions,
  ): Promise<{ readonly data: Data; readonly error: CvmGatewayError | null }>;
};

/** Create a sender. */
export function createSender(transport: Transport): Sender {
  async function queryPartly<Data, Variables>(
    document: TypedDocument<Data, Variables> | string | ParsedDocument,
    variables: Variables,
    { signal, timeoutMs = TIMEOUT_MS }: QueryOptions = {},
  ) {
    const request = { query: toDocumentText(document), variables };
    const { data, errors, requestId } = await transport.send(request, { signal, timeoutMs });
    const error = errors.length === 0 ? null : createAnswerError(errors, variables, { data, requestId });
    if (!isObject(data)) {
      throw error ?? new CvmGatewayError("INVALID_RESPONSE", "The answer has no data.", { requestId });
    }
    // The document declares the type of its data. Nothing here can check more than that it is an object.
    return { data: data as Data, error };
  }

  return {
    transport,
    queryPartly,
    async query(document, variables, options) {
      const { data, error } = await queryPartly(document, variables, options);
      if (error !== null) throw error;
      return data;
    },
  };
}
