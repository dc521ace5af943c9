import type { IncomingMessage } from "node:http";
import type { GraphQLError } from "graphql";
import { GatewayError } from "../../errors.ts";
import { MAX_ANONYMOUS_BODY_BYTES, MAX_BODY_BYTES } from "../../limits.ts";
import { createProtocolError, toGraphQLError } from "../errors/protocol-error.ts";
import { describeMissingCredential, type Sender } from "./facts.ts";
import { parseRequestJson } from "./request-json.ts";

function createSizeError({ caller, refusal, rights }: Sender): GraphQLError {
  if (caller === null) {
    const missing = new GatewayError("UNAUTHENTICATED", describeMissingCredential(rights));
    return toGraphQLError(refusal ?? missing, { status: 401 });
  }
  const message = `The request body exceeds the limit of ${MAX_BODY_BYTES} bytes.`;
  return toGraphQLError(new GatewayError("PAYLOAD_TOO_LARGE", message), { status: 413 });
}

/**
 * Read the body of a request as text. A body with a `Content-Length` over the limit is not read. The bytes of any
 * other body are counted while they arrive. Without a credential the limit is lower.
 *
 * @throws {GraphQLError} `PAYLOAD_TOO_LARGE`, or why there is no credential, and `BAD_REQUEST` when the client leaves before the end
 */
export function readBody(request: IncomingMessage, sender: Sender): Promise<string> {
  const limit = sender.caller === null ? MAX_ANONYMOUS_BODY_BYTES : MAX_BODY_BYTES;
  if (Number(request.headers["content-length"] ?? 0) > limit) {
    return Promise.reject(createSizeError(sender));
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= limit) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(createSizeError(sender));
      }
    });
    request.once("end", () => {
      const [first] = chunks;
      resolve((chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks)).toString("utf8"));
    });
    request.once("close", () => {
      if (request.readableEnded) return;
      reject(createProtocolError("BAD_REQUEST", "The request body could not be read.", { status: 400 }));
    });
  });
}

/** Parse the body of a request as a JSON object or list. @throws {GraphQLError} `BAD_REQUEST` */
export function parseJsonBody(text: string): object {
  const body: unknown = parseRequestJson("The request body", text);
  if (typeof body === "object" && body !== null) return body;
  throw createProtocolError("BAD_REQUEST", "The request body must be a JSON object.", { status: 400 });
}
