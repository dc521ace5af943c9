import { ApolloClient, gql, HttpLink, InMemoryCache } from "@apollo/client";
import { Client, fetchExchange, subscriptionExchange } from "@urql/core";
import { createClient as createSseClient } from "graphql-sse";
import { createClient as createWsClient } from "graphql-ws";
import { WebSocket } from "ws";

/** One result of a subscription. */
type Result = {
  // biome-ignore lint/suspicious/noExplicitAny: tests read results of any shape
  readonly data?: any;
  readonly errors?: readonly { readonly message: string; readonly extensions?: { readonly code?: string } }[];
};

/** A running subscription. */
type Following = {
  /** Results so far. */
  readonly received: Result[];
  /** Resolves when the server has ended the stream; rejects when the client reports an error. */
  readonly done: Promise<void>;
  leave(): void;
};

/** A published client, as applications use it. */
export type StreamClient = (
  url: string,
  key: string,
  query: string,
  variables?: Record<string, unknown>,
) => Following;

type Sink = { next(value: Result): void; error(error: unknown): void; complete(): void };

function follow(subscribe: (sink: Sink) => () => void): Following {
  const received: Result[] = [];
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined);
  const leave = subscribe({ next: (value) => void received.push(value), error: reject, complete: resolve });
  return { received, done: promise, leave };
}

function followByGraphqlSse(singleConnection: boolean): StreamClient {
  return (url, key, query, variables = {}) => {
    const client = createSseClient({
      url,
      singleConnection,
      headers: { "x-api-key": key },
      retryAttempts: 0,
    });
    return follow((sink) => {
      // biome-ignore lint/suspicious/noExplicitAny: the client's results are wider than what tests read
      const leave = client.subscribe<any>({ query, variables }, sink as any);
      return () => {
        leave();
        client.dispose();
      };
    });
  };
}

const followByGraphqlWs: StreamClient = (url, key, query, variables = {}) => {
  const client = createWsClient({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { "X-API-Key": key },
    retryAttempts: 0,
  });
  return follow((sink) => {
    // biome-ignore lint/suspicious/noExplicitAny: the client's results are wider than what tests read
    const leave = client.subscribe<any>({ query, variables }, sink as any);
    return () => {
      leave();
      void client.dispose();
    };
  });
};

const followByApollo: StreamClient = (url, key, query, variables = {}) => {
  const client = new ApolloClient({
    link: new HttpLink({ uri: url, headers: { "x-api-key": key } }),
    cache: new InMemoryCache(),
  });
  return follow((sink) => {
    const subscription = client
      .subscribe({ query: gql(query), variables, fetchPolicy: "no-cache" })
      .subscribe({
        next: ({ data, error }) => (error === undefined ? sink.next({ data }) : sink.error(error)),
        error: sink.error,
        complete: sink.complete,
      });
    return () => subscription.unsubscribe();
  });
};

const followByUrql: StreamClient = (url, key, query, variables = {}) => {
  const client = new Client({
    url,
    preferGetMethod: false,
    fetchSubscriptions: true,
    fetchOptions: { headers: { "x-api-key": key } },
    exchanges: [fetchExchange],
  });
  return follow((sink) => {
    const { unsubscribe } = client.subscription(query, variables).subscribe((result) => {
      if (result.error !== undefined) sink.error(result.error);
      // urql repeats the last result when no other follows.
      else if (result.hasNext === false) sink.complete();
      else sink.next({ data: result.data });
    });
    return unsubscribe;
  });
};

/** urql over another transport, which is how its documentation combines it with graphql-ws. */
const followByUrqlOverWs: StreamClient = (url, key, query, variables = {}) => {
  const socket = createWsClient({
    url: url.replace("http", "ws"),
    webSocketImpl: WebSocket,
    connectionParams: { headers: { authorization: `Bearer ${key}` } },
  });
  const client = new Client({
    url,
    preferGetMethod: false,
    exchanges: [
      subscriptionExchange({
        forwardSubscription: (request) => ({
          subscribe: (sink) => ({
            // biome-ignore lint/suspicious/noExplicitAny: urql's sink accepts more than the types of graphql-ws declare
            unsubscribe: socket.subscribe<any>({ ...request, query: request.query ?? "" }, sink as any),
          }),
        }),
      }),
    ],
  });
  return follow((sink) => {
    const { unsubscribe } = client.subscription(query, variables).subscribe((result) => {
      if (result.error !== undefined) sink.error(result.error);
      else if (result.hasNext === false) sink.complete();
      else sink.next({ data: result.data });
    });
    return () => {
      unsubscribe();
      void socket.dispose();
    };
  });
};

/** Every client that the gateway promises to serve, by name. */
export const streamClients: Readonly<Record<string, StreamClient>> = {
  "graphql-sse, distinct connections": followByGraphqlSse(false),
  "graphql-sse, single connection": followByGraphqlSse(true),
  "graphql-ws": followByGraphqlWs,
  "Apollo Client, multipart": followByApollo,
  "urql, Server-Sent Events": followByUrql,
  "urql over graphql-ws": followByUrqlOverWs,
};
