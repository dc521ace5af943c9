import type { IncomingMessage } from "node:http";
import type { GraphQLError } from "graphql";
import { GatewayError } from "../../errors.ts";
import { MAX_BODY_BYTES } from "../../limits.ts";
import { createProtocolError, toGraphQLError } from "../errors/protocol-error.ts";
import { parseRequestJson } from "./request-json.ts";

function createSizeError(): GraphQLError {
  const message = `The request body exceeds the limit of ${MAX_BODY_BYTES} bytes.`;
  return toGraphQLError(new GatewayError("PAYLOAD_TOO_LARGE", message), { status: 413 });
}

/**
 * Read the body of a request as text. A body with a `Content-Length` over the limit is not read. The bytes of any
 * other body are counted while they arrive.
 *
 * @throws {GraphQLError} `PAYLOAD_TOO_LARGE`, and `BAD_REQUEST` when the client leaves before the end
 */
export function readBody(request: IncomingMessage): Promise<string> {
  if (Number(request.headers["content-length"] ?? 0) > MAX_BODY_BYTES) {
    return Promise.reject(createSizeError());
  }
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    request.on("data", (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= MAX_BODY_BYTES) chunks.push(chunk);
      else {
        chunks.length = 0;
        reject(createSizeError());
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
