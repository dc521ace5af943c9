import { createLinkedController, getAbortReason } from "../abort.ts";
import { CvmGatewayError } from "../gateway-error.ts";
import { isObject, parseJson } from "../json.ts";

/**
 * Headers of each request, or a function that returns them, for credentials that expire.
 *
 * @example
 * ```ts
 * const headers: RequestHeaders = async () => ({ authorization: `Bearer ${await getToken()}` });
 * ```
 */
export type RequestHeaders =
  | Readonly<Record<string, string>>
  | (() => Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>);

/**
 * Function that sends a request, as the global `fetch` does.
 *
 * @example
 * ```ts
 * import { fetch } from "expo/fetch";
 * const client = createCvmClient({ url, headers, fetch });
 * ```
 */
export type Fetch = (
  url: string,
  init: {
    readonly method: string;
    readonly headers: Record<string, string>;
    readonly body: string;
    readonly signal: AbortSignal;
  },
) => Promise<Response>;

/** One GraphQL request. */
export type GraphqlRequest = { readonly query: string; readonly variables: unknown };

/** An answer of the gateway. `errors` is empty if nothing failed. */
export type Answer = {
  readonly data: unknown;
  readonly errors: readonly unknown[];
  readonly requestId: string | null;
};

/** Limits of one request. */
export type SendOptions = { readonly signal?: AbortSignal | undefined; readonly timeoutMs: number };

/** Sends requests to one gateway. */
export type Transport = {
  /**
   * Send a request once.
   *
   * @throws {CvmGatewayError} `NETWORK_ERROR`, `INVALID_RESPONSE`; the reason of the signal
   */
  send(request: GraphqlRequest, options: SendOptions): Promise<Answer>;
  /** Open a response. @throws what `fetch` rejects with */
  open(request: GraphqlRequest, accept: string, signal: AbortSignal): Promise<Response>;
};

/** Create a transport. */
export function createTransport(url: string, headers: RequestHeaders, given: Fetch | undefined): Transport {
  // Called without an object, the global function works in browsers too. It is read late, for polyfills and tests.
  const send: Fetch = given ?? ((target, init) => globalThis.fetch(target, init));

  async function open(request: GraphqlRequest, accept: string, signal: AbortSignal): Promise<Response> {
    const own = typeof headers === "function" ? await headers() : headers;
    return send(url, {
      method: "POST",
      headers: { ...own, accept, "content-type": "application/json" },
      body: JSON.stringify(request),
      signal,
    });
  }

  return {
    open,
    async send(request, { signal, timeoutMs }) {
      const { controller, unlink } = createLinkedController(signal);
      const timer = setTimeout(() => controller.abort(), timeoutMs);
      try {
        const accept = "application/graphql-response+json, application/json;q=0.9";
        const response = await open(request, accept, controller.signal);
        return parseAnswer(await response.text(), response, request);
      } catch (error) {
        if (signal?.aborted) throw getAbortReason(signal);
        if (error instanceof CvmGatewayError) throw error;
        throw createNetworkError(request, controller.signal.aborted ? timeoutMs : null, error);
      } finally {
        clearTimeout(timer);
        unlink();
      }
    },
  };
}

/** Whether a request changes something, so that it must not be sent twice without a key. */
function isWrite({ query }: GraphqlRequest): boolean {
  return /^\s*mutation\b/.test(query) || /[})]\s*mutation\b/.test(query);
}

/** Create the error for a request without an answer. */
export function createNetworkError(
  request: GraphqlRequest,
  timeoutMs: number | null,
  cause: unknown,
): CvmGatewayError {
  const message =
    timeoutMs === null
      ? "The connection to the gateway failed or was lost before its answer arrived."
      : `The gateway did not answer within ${Math.round(timeoutMs / 1_000)} s.`;
  const advice = isWrite(request) ? " The change may have been applied." : "";
  return new CvmGatewayError("NETWORK_ERROR", message + advice, { retryable: !isWrite(request), cause });
}

/** Parse an answer. @throws {CvmGatewayError} `INVALID_RESPONSE` */
export function parseAnswer(text: string, response: Response, request: GraphqlRequest): Answer {
  const body = parseJson(text);
  const requestId = response.headers.get("x-request-id");
  if (isObject(body) && ("data" in body || Array.isArray(body["errors"]))) {
    const { data = null, errors } = body;
    return { data, errors: Array.isArray(errors) ? errors : [], requestId };
  }
  const { status } = response;
  const isPassing = status < 300 || status >= 500 || status === 408 || status === 429;
  throw new CvmGatewayError(
    "INVALID_RESPONSE",
    `The answer with HTTP status ${status} is not a GraphQL answer of the gateway. Check the URL, and proxies in between.`,
    { retryable: isPassing && !isWrite(request), requestId },
  );
}
