import type { ServerResponse } from "node:http";
import { securityHeaders } from "./security-headers.ts";

/**
 * Headers of a response: names and values in turn, as `writeHead` takes them. A response that is written in one piece
 * passes them there, which is faster than setting each of them first.
 */
export type ResponseHead = readonly string[];

const always = Object.entries(securityHeaders).flat();

/** Begin the headers of a response: its request id, and those of every response. */
export function createHead(requestId: string): string[] {
  return [...always, "x-request-id", requestId];
}

/** Set the headers of a response that is written in several steps. */
export function setHead(response: ServerResponse, head: ResponseHead): void {
  for (let at = 0; at < head.length; at += 2) response.setHeader(head[at] ?? "", head[at + 1] ?? "");
}
