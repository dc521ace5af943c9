import { createHash } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { readHeader } from "./facts.ts";

/** Answers GET and HEAD of the schema in SDL. */
export type SchemaFile = (request: IncomingMessage, response: ServerResponse) => void;

/** Whether an `If-None-Match` header names the tag. It compares weakly: a proxy that compresses weakens tags. */
function namesTag(header: string | null, tag: string): boolean {
  if (header === null) return false;
  return header
    .split(",")
    .map((candidate) => candidate.trim().replace(/^W\//, ""))
    .some((candidate) => candidate === "*" || candidate === tag);
}

/**
 * Create the answers to `/schema.graphql`. Clients may keep a copy, but ask each time whether it is current.
 *
 * @param printSchema - called once, by the first request
 */
export function createSchemaFile(printSchema: () => string): SchemaFile {
  let file: { readonly body: Buffer; readonly tag: string } | undefined;

  function print() {
    const body = Buffer.from(printSchema());
    return { body, tag: `"${createHash("sha256").update(body).digest("base64url")}"` };
  }

  return (request, response) => {
    file ??= print();
    const { body, tag } = file;
    response.setHeader("cache-control", "no-cache");
    response.setHeader("etag", tag);
    if (namesTag(readHeader(request.headers, "if-none-match"), tag)) {
      response.writeHead(304).end();
      return;
    }
    const headers = { "content-type": "text/plain; charset=utf-8", "content-length": body.length };
    response.writeHead(200, headers).end(request.method === "HEAD" ? undefined : body);
  };
}
