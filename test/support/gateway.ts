import type { RequestListener } from "node:http";
import { startSandbox } from "../../sandbox/server.ts";
import type { AuditLog } from "../../src/access/audit.ts";
import type { Access } from "../../src/access/types.ts";
import { loadConfig } from "../../src/config.ts";
import { createEgress } from "../../src/egress.ts";
import { createLogger } from "../../src/logger.ts";
import type { TrustedDocuments } from "../../src/server/documents/manifest.ts";
import { createGateway as assembleGateway } from "../../src/server/gateway.ts";
import type { Metrics } from "../../src/server/telemetry/metrics.ts";
import { type Listening, serve } from "./upstream/listen.ts";

/** A GraphQL answer with the HTTP response that carried it. */
export type Answer = {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests read answers of any shape
  readonly data: any;
  readonly errors?: readonly {
    readonly message: string;
    readonly path?: readonly (string | number)[];
    readonly extensions: Readonly<Record<string, unknown>> & { readonly code: string };
  }[];
};

/** One request as the sandbox's journal tells it. */
export type JournalEntry = {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: Readonly<Record<string, string>>;
  // biome-ignore lint/suspicious/noExplicitAny: tests read bodies of any shape
  readonly body: any;
  readonly status: number | null;
  readonly at: string;
};

/** What a test may set of a gateway. */
export type GatewayOptions = {
  readonly upstreamUrl?: string;
  readonly environment?: Readonly<Record<string, string>>;
  /** Receives every log line. */
  readonly logs?: string[];
  /** An EVM node for the sandbox to look at. */
  readonly chainRpcUrl?: string;
  readonly documents?: TrustedDocuments;
  readonly metrics?: Metrics;
  /** Whether every HTTP request goes through Yoga. */
  readonly onlyYoga?: boolean;
  /** At which use an operation is compiled. */
  readonly compileFrom?: number;
  readonly access?: Access;
  readonly audit?: AuditLog;
};

/** A gateway without a port, in front of any upstream. */
export function createGateway(
  upstreamUrl: string,
  {
    environment = {},
    logs,
    documents,
    metrics,
    access,
    audit,
    onlyYoga = false,
    compileFrom,
  }: GatewayOptions = {},
) {
  const config = loadConfig({ UPSTREAM_URL: upstreamUrl, NODE_ENV: "test", ...environment });
  const log = createLogger(logs === undefined ? "silent" : "trace", {
    write: (line) => void logs?.push(line),
  });
  const { httpProxy, httpsProxy } = config.secrets;
  const usesProxy = httpProxy !== null || httpsProxy !== null;
  const gateway = assembleGateway(config, {
    upstreamUrl,
    log,
    exampleKey: null,
    documents: documents ?? null,
    metrics: metrics ?? null,
    egress: usesProxy ? createEgress({ httpProxy, httpsProxy, noProxy: config.noProxy }) : null,
    ...(onlyYoga ? { isCommon: () => false } : {}),
    ...(compileFrom === undefined ? {} : { compileFrom }),
    ...(access && { access }),
    ...(audit && { audit }),
  });
  const app = createApp(gateway.handle);
  return {
    ...gateway,
    app,
    config,
    listen: () => gateway.listen(0, "127.0.0.1"),
    async close(): Promise<void> {
      await app.stop();
      await gateway.close();
    },
  };
}

/**
 * Return the gateway as a listener of `node:http`, with a `fetch` that sends requests to it. The first request opens
 * a port.
 */
function createApp(handle: RequestListener) {
  let server: Promise<Listening> | undefined;
  return Object.assign((...args: Parameters<RequestListener>) => handle(...args), {
    async fetch(url: string, init: RequestInit = {}): Promise<Response> {
      server ??= serve(handle);
      const { pathname, search } = new URL(url);
      return fetch(`${(await server).url}${pathname}${search}`, init);
    },
    stop: async () => (await server)?.stop(),
  });
}

/** Send one GraphQL operation over HTTP. */
export async function ask(
  app: { fetch(url: string, init: RequestInit): Response | Promise<Response> },
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
  headers: Readonly<Record<string, string>> = { "x-api-key": "sandbox-test" },
): Promise<Answer> {
  const response = await app.fetch("http://gateway.test/graphql", {
    method: "POST",
    headers: { "content-type": "application/json", ...headers },
    body: JSON.stringify({ query, variables }),
  });
  const body = await response.json();
  return { ...body, status: response.status, headers: response.headers };
}

/** Start a sandbox whose clock is stopped, and a gateway in front of it. */
export async function startGateway(options: GatewayOptions = {}) {
  const sandbox = await startSandbox({ timeScale: 0, chainRpcUrl: options.chainRpcUrl });
  const { app, close } = createGateway(sandbox.url, options);
  const control = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const response = await fetch(`${sandbox.origin}/__sandbox/${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { headers: { "content-type": "application/json" }, body: JSON.stringify(body) }),
    });
    const text = await response.text();
    return text === "" ? null : JSON.parse(text);
  };
  return {
    app,
    sandbox,
    ask: (
      query: string,
      variables?: Readonly<Record<string, unknown>>,
      headers?: Readonly<Record<string, string>>,
    ) => ask(app, query, variables, headers),
    /** The upstream calls since the last look; looking empties the journal. */
    async calls(): Promise<JournalEntry[]> {
      const entries = await control("GET", "journal");
      await control("DELETE", "journal");
      return Array.isArray(entries) ? entries : [];
    },
    /** Advance the sandbox's clock. */
    advance: (ms: number) => control("POST", "advance", { ms }),
    /** Send a transaction as the app's owner. @returns its hash */
    async sendTransaction(transaction: unknown): Promise<string> {
      const answer = await control("POST", "rpc", {
        jsonrpc: "2.0",
        id: 1,
        method: "eth_sendTransaction",
        params: [transaction],
      });
      if (
        typeof answer !== "object" ||
        answer === null ||
        !("result" in answer) ||
        typeof answer.result !== "string"
      ) {
        throw new Error(`The chain refused the transaction: ${JSON.stringify(answer)}`);
      }
      return answer.result;
    },
    async [Symbol.asyncDispose]() {
      await close();
      await sandbox.close();
    },
  };
}
