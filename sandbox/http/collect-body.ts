import { plainError } from "./api-error.ts";

/** Maximum size of a request body, in bytes. */
const MAX_BODY_BYTES = 4 * 1024 * 1024;

/**
 * Collect a whole body; empty when there is none.
 *
 * @throws ApiError 413, with and without a `Content-Length` header
 */
export async function collectBody(request: Request): Promise<Uint8Array> {
  if (Number(request.headers.get("content-length") ?? 0) > MAX_BODY_BYTES) throw tooLarge();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw tooLarge();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function tooLarge() {
  return plainError(413, "Request body too large");
}
