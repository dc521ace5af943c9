import { readFile } from "node:fs/promises";
import type { IncomingMessage, ServerResponse } from "node:http";
import { extname, join, normalize } from "node:path";
import { text } from "node:stream/consumers";
import { inject } from "vitest";
import { serve } from "../../support/upstream/listen.ts";

const types: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
};

/** The header that the README of the console advises, for hosts of the tests. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src data:",
  "connect-src 'self' http://127.0.0.1:* ws://127.0.0.1:*",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Send a file of the build, or the page itself for every other path, as a host of single-page apps does. */
async function sendFile(path: string, response: ServerResponse): Promise<void> {
  const folder = inject("consoleFolder");
  const name = extname(path) === "" ? "/index.html" : normalize(path);
  try {
    const content = await readFile(join(folder, name));
    // The names of assets have a hash of their content.
    const cache = name.startsWith("/assets/") ? "max-age=31536000, immutable" : "no-cache";
    const type = types[extname(name)] ?? "application/octet-stream";
    response
      .writeHead(200, { "content-type": type, "cache-control": cache, "content-security-policy": POLICY })
      .end(content);
  } catch {
    response.writeHead(404).end();
  }
}

async function forward(url: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const answer = await fetch(url, { method: "POST", body: await text(request) });
  response.writeHead(answer.status, { "content-type": "application/json" }).end(await answer.text());
}

/** Serve the built console, at an origin of its own. */
export async function startConsoleServer() {
  let settings: object = {};
  let rpcUrl = "";
  const server = await serve((request, response) => {
    const { pathname } = new URL(request.url ?? "/", "http://console.test");
    if (pathname === "/config.json") response.end(JSON.stringify(settings));
    else if (pathname === "/sandbox-rpc") void forward(rpcUrl, request, response);
    else void sendFile(pathname, response);
  });
  return {
    ...server,
    /** Set what `config.json` has, and where the chain of the sandbox is. */
    configure(next: object, rpc = ""): void {
      settings = next;
      rpcUrl = rpc;
    },
  };
}
