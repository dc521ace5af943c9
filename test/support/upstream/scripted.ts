import type { IncomingMessage, ServerResponse } from "node:http";
import { type Answer, ask, createGateway } from "../gateway.ts";
import { serve } from "./listen.ts";
import { type RecordedRequest, type Reply, readBody, sendReply } from "./reply.ts";

/** Replies by method and path without query, such as `GET /cvms/web`, or a function that chooses one. */
export type Script = Readonly<Record<string, Reply>> | ((request: RecordedRequest) => Reply | Promise<Reply>);

const UNEXPECTED: Reply = { status: 500, body: "unexpected" };

/** Name a request as a script does: method and path without query. */
export function nameCall({ method, path }: Pick<RecordedRequest, "method" | "path">): string {
  return `${method} ${path.split("?")[0]}`;
}

/**
 * Start an upstream that answers each request with a scripted reply, and records the requests.
 *
 * A request that the script does not name is answered with 500.
 */
export async function startScripted(script: Script) {
  const requests: RecordedRequest[] = [];
  const choose = (request: RecordedRequest) =>
    typeof script === "function" ? script(request) : (script[nameCall(request)] ?? UNEXPECTED);
  const handle = async (incoming: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = "GET", url = "/", headers } = incoming;
    const request = { method, path: url, headers, body: await readBody(incoming) };
    requests.push(request);
    sendReply(response, await choose(request));
  };
  const server = await serve(
    (incoming, response) => void handle(incoming, response).catch(() => response.destroy()),
  );
  return { ...server, requests };
}

/** The credential that {@link askUpstream} sends. */
export const KEY = "KEY-SECRET-0123456789";

/** A CVM as the REST API describes it. */
export const CVM = {
  id: "cvm_web",
  name: "web",
  app_id: "cd".repeat(20),
  vm_uuid: "550e8400e29b41d4a716446655440000",
  resource: { vcpu: 1, memory_in_gb: 2, disk_in_gb: 20 },
  status: "running",
} as const;

/** The body of HTTP 465. */
export const precondition = {
  compose_hash: "ab".repeat(32),
  app_id: "cd".repeat(20),
  device_id: null,
  kms_info: { id: "kms_1", slug: "base", url: "https://kms.test", version: "1", chain_id: 8453 },
} as const;

/**
 * Ask a gateway whose upstream gives these replies and knows one CVM, `web`. A function replies to
 * `PATCH /cvms/web` only.
 *
 * @returns the answer, and the upstream calls in their order, without query.
 */
export async function askUpstream(
  replies: Readonly<Record<string, Reply>> | (() => Reply),
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer & { readonly calls: readonly string[] }> {
  const known = { "GET /cvms/web": { body: CVM } };
  const script: Script =
    typeof replies === "function"
      ? (request) => (nameCall(request) === "PATCH /cvms/web" ? replies() : { body: CVM })
      : { ...known, ...replies };
  await using upstream = await startScripted(script);
  const { app, close } = createGateway(upstream.url);
  try {
    const answer = await ask(app, query, variables, { "x-api-key": KEY });
    return { ...answer, calls: upstream.requests.map(nameCall) };
  } finally {
    await close();
  }
}
