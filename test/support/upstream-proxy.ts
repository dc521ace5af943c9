import type { IncomingMessage, ServerResponse } from "node:http";
import { serve } from "./gateway.ts";

/** What the proxy answers instead of the upstream. */
type Instead = {
  readonly status: number;
  readonly headers?: Record<string, string>;
  readonly body?: unknown;
};

/** Changes what comes back: `null` passes it on as it is. */
type Rule = (
  request: { readonly method: string; readonly path: string },
  // biome-ignore lint/suspicious/noExplicitAny: rules read answers of any shape
  json: any,
) => Instead | null;

/** A proxy before an upstream that can lie, fail and hide things. Set its `rule` at any time. */
export async function startUpstreamProxy(upstreamUrl: string) {
  const { origin, pathname: base } = new URL(upstreamUrl);
  const proxy = { rule: (() => null) as Rule, calls: [] as string[] };
  const pass = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const method = request.method ?? "GET";
    const path = (request.url ?? "").replace(base, "");
    proxy.calls.push(`${method} ${path}`);
    const { host: _host, connection: _connection, ...headers } = request.headers;
    const answer = await fetch(`${origin}${request.url}`, {
      method,
      headers: headers as Record<string, string>,
      ...(chunks.length > 0 ? { body: Buffer.concat(chunks) } : {}),
    });
    const text = await answer.text();
    const type = answer.headers.get("content-type") ?? "";
    const json = type.includes("json") && text !== "" ? JSON.parse(text) : {};
    const instead = proxy.rule({ method, path }, json);
    if (instead === null) {
      response.writeHead(answer.status, { "content-type": type }).end(text);
      return;
    }
    response.writeHead(instead.status, { "content-type": "application/json", ...instead.headers });
    response.end(JSON.stringify(instead.body ?? { detail: "made up" }));
  };
  // What fails here fails because the test is over, or because the gateway went away.
  const server = await serve(
    (request, response) => void pass(request, response).catch(() => response.destroy()),
  );
  return {
    url: `${server.url}${base}`,
    proxy,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
