import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { WebSocket } from "ws";

/** A result over any transport. */
type Result = {
  // biome-ignore lint/suspicious/noExplicitAny: tests read results of any shape
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions: { readonly code: string } }[];
};

/** Sends operations with one token. The results of a subscription are collected until it ends. */
export type Sender = {
  send(query: string, variables?: Readonly<Record<string, unknown>>): Promise<readonly Result[]>;
  close(): void;
};

type Client = {
  iterate(operation: { query: string; variables?: Record<string, unknown> }): AsyncIterableIterator<unknown>;
};

/** Collect results of a published client, which throws the errors of an operation that did not run. */
async function collect(client: Client, query: string, variables: object): Promise<Result[]> {
  const results: Result[] = [];
  try {
    for await (const result of client.iterate({ query, variables: { ...variables } })) {
      results.push(Object(result));
    }
  } catch (error) {
    results.push({ errors: Array.isArray(error) ? error : [Object(error)] });
  }
  return results;
}

const senders = {
  "HTTP POST": (url: string, headers: Readonly<Record<string, string>>): Sender => ({
    async send(query, variables = {}) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...headers },
        body: JSON.stringify({ query, variables }),
      });
      return [await response.json()];
    },
    close: () => undefined,
  }),
  "multipart HTTP": (url: string, headers: Readonly<Record<string, string>>): Sender => ({
    async send(query, variables = {}) {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", accept: "multipart/mixed", ...headers },
        body: JSON.stringify({ query, variables }),
      });
      const text = await response.text();
      const parts = text.split(/\r?\n/).filter((line) => line.startsWith("{") && line !== "{}");
      return parts.map((line) => JSON.parse(line)).map((part) => part.payload ?? part);
    },
    close: () => undefined,
  }),
  "server-sent events": (url: string, headers: Readonly<Record<string, string>>): Sender => {
    const client = createSseClient({ url, headers, retryAttempts: 0 });
    return {
      send: (query, variables = {}) => collect(client, query, variables),
      close: () => client.dispose(),
    };
  },
  "one stream of server-sent events": (url: string, headers: Readonly<Record<string, string>>): Sender => {
    const client = createSseClient({ url, headers, singleConnection: true, retryAttempts: 0 });
    return {
      send: (query, variables = {}) => collect(client, query, variables),
      close: () => client.dispose(),
    };
  },
  WebSocket: (url: string, headers: Readonly<Record<string, string>>): Sender => {
    const client = createWsClient({
      url: url.replace("http", "ws"),
      webSocketImpl: WebSocket,
      connectionParams: headers,
      retryAttempts: 0,
    });
    return {
      send: (query, variables = {}) => collect(client, query, variables),
      close: () => void client.dispose(),
    };
  },
};

/** Name of a transport. */
export type Transport = keyof typeof senders;

/** Every transport. */
export const transports: readonly Transport[] = [
  "HTTP POST",
  "multipart HTTP",
  "server-sent events",
  "one stream of server-sent events",
  "WebSocket",
];

/** Open a transport. */
export function openTransport(
  transport: Transport,
  url: string,
  headers: Readonly<Record<string, string>>,
): Sender {
  return senders[transport](url, headers);
}
