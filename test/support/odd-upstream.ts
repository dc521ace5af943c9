import { type Answer, ask, createGateway, serve } from "./gateway.ts";

/** The caller's credential. */
export const KEY = "KEY-SECRET-0123456789";

/** A CVM as the REST API tells it. */
export const CVM = {
  id: "cvm_web",
  name: "web",
  app_id: "cd".repeat(20),
  vm_uuid: "550e8400e29b41d4a716446655440000",
  resource: { vcpu: 1, memory_in_gb: 2, disk_in_gb: 20 },
  status: "running",
} as const;

/** What HTTP 465 tells. */
export const precondition = {
  compose_hash: "ab".repeat(32),
  app_id: "cd".repeat(20),
  device_id: null,
  kms_info: { id: "kms_1", slug: "base", url: "https://kms.test", version: "1", chain_id: 8453 },
} as const;

/** A write of one call. */
export const WRITE = `mutation { configureCvm(input: { id: "web", vcpu: 2 }) { __typename
  ... on InProgress { status correlationId note: message }
  ... on OnChainHashRequired { composeHash appId kms { chainId contractAddress gatewayAppId } } } }`;

/** One answer of the upstream; a body that is no text is sent as JSON. */
export type OddReply = {
  readonly status?: number;
  readonly body: unknown;
  readonly headers?: Readonly<Record<string, string>>;
};

/**
 * Asks a gateway whose upstream gives these answers, by method and path, and knows one CVM.
 *
 * @returns the answer and the calls, in their order.
 */
export async function askUpstream(
  replies: Readonly<Record<string, OddReply>>,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Answer & { readonly calls: readonly string[] }> {
  const calls: string[] = [];
  await using upstream = await serve((request, response) => {
    const call = `${request.method} ${request.url?.split("?")[0]}`;
    calls.push(call);
    const known: OddReply = call === "GET /cvms/web" ? { body: CVM } : { status: 500, body: "unexpected" };
    const { status = 200, body, headers = {} } = replies[call] ?? known;
    request.resume().on("end", () => {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    });
  });
  const { app, close } = createGateway(upstream.url);
  try {
    return { ...(await ask(app, query, variables, { "x-api-key": KEY })), calls };
  } finally {
    await close();
  }
}
