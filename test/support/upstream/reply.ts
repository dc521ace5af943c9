import type { IncomingMessage, ServerResponse } from "node:http";

/** One HTTP answer of a fake upstream. */
export type Reply = {
  /** Default: 200. */
  readonly status?: number;
  /** Text is sent as it is; anything else is sent as JSON. */
  readonly body: unknown;
  /** Added to `content-type: application/json`. */
  readonly headers?: Readonly<Record<string, string>>;
};

/** One request as it arrived at a fake upstream. */
export type RecordedRequest = {
  readonly method: string;
  /** Path with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
};

/** Return the text that is sent for a body. */
export function encodeBody(body: unknown): string {
  return typeof body === "string" ? body : JSON.stringify(body);
}

/** Send a reply and end the response. */
export function sendReply(response: ServerResponse, { status = 200, body, headers }: Reply): void {
  response.writeHead(status, { "content-type": "application/json", ...headers });
  response.end(encodeBody(body));
}

/** Read the whole body of a request. */
export async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}
