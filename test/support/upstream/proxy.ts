import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from "node:http";
import { Pool } from "undici";
import { serve } from "./listen.ts";
import { encodeBody, type Reply, readBody, sendReply } from "./reply.ts";

/** One call on its way through a proxy. */
export type Exchange = {
  readonly method: string;
  /** Path below the base path of the upstream, with its query. */
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readBody(): Promise<string>;
  /** Send the call to the upstream and read the whole answer. */
  forward(): Promise<Reply>;
  reply(reply: Reply): void;
  /** Send half of a reply, then reset the connection. */
  cut(reply: Reply): void;
  /** Reset the connection without an answer. */
  reset(): void;
};

function createExchange(pool: Pool, base: string, request: IncomingMessage, response: ServerResponse) {
  const { method = "GET", url = "/" } = request;
  let body: Promise<string> | undefined;
  const exchange: Exchange = {
    method,
    path: url.replace(base, ""),
    headers: request.headers,
    readBody: () => (body ??= readBody(request)),
    async forward() {
      const sent = await exchange.readBody();
      const { host: _host, connection: _connection, ...headers } = request.headers;
      const answer = await pool.request({ path: url, method, headers, body: sent === "" ? null : sent });
      const type = String(answer.headers["content-type"] ?? "");
      return { status: answer.statusCode, headers: { "content-type": type }, body: await answer.body.text() };
    },
    reply: (reply) => sendReply(response, reply),
    cut({ status = 200, headers, body: whole }) {
      const text = encodeBody(whole);
      response.writeHead(status, { ...headers, "content-length": Buffer.byteLength(text) });
      response.write(text.slice(0, text.length / 2), exchange.reset);
    },
    reset: () => void request.socket.resetAndDestroy(),
  };
  return exchange;
}

/** Start a proxy in front of an upstream; `handle` decides what happens to each call. */
export async function startProxy(upstreamUrl: string, handle: (exchange: Exchange) => Promise<void>) {
  const { origin, pathname: base } = new URL(upstreamUrl);
  const pool = new Pool(origin, { connections: 64 });
  // An exchange fails when the test is over or when the gateway has gone away.
  const server = await serve(
    (request, response) =>
      void handle(createExchange(pool, base, request, response)).catch(() => response.destroy()),
  );
  return {
    url: server.url + base,
    async [Symbol.asyncDispose]() {
      await server.stop();
      await pool.destroy();
    },
  };
}

/** Decide about an answer of the upstream: `null` passes it on, otherwise the given parts replace it. */
type Rule = (
  request: { readonly method: string; readonly path: string },
  // biome-ignore lint/suspicious/noExplicitAny: rules read answers of any shape
  json: any,
) => Partial<Reply> | null;

/** Start a proxy that forwards every call and changes the answers by a rule. Set `proxy.rule` at any time. */
export async function startRuleProxy(upstreamUrl: string) {
  const rule: Rule = () => null;
  const proxy = { rule, calls: [] as string[] };
  const server = await startProxy(upstreamUrl, async (exchange) => {
    const { method, path } = exchange;
    proxy.calls.push(`${method} ${path}`);
    const answer = await exchange.forward();
    const isJson = answer.headers?.["content-type"]?.includes("json") && answer.body !== "";
    const changed = proxy.rule({ method, path }, isJson ? JSON.parse(String(answer.body)) : {});
    if (changed === null) return exchange.reply(answer);
    exchange.reply({ status: answer.status ?? 200, body: { detail: "made up" }, ...changed });
  });
  return { ...server, proxy };
}
