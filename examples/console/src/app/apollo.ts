import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { possibleTypes, typePolicies } from "@cvm-gateway/client/apollo";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import type { Credential } from "../sign-in/credential.ts";
import { createKeyedStore, type KeyedStore } from "./keyed-store.ts";

/** Key of the connection in its store. */
export const CONNECTION = "gateway";

/** Time for the answer to a ping, in milliseconds. */
const PONG_MS = 5_000;

/** Pause before the next attempt to connect, in milliseconds: short at first, and at most ten seconds. */
function pauseBefore(attempt: number): number {
  return Math.min(10_000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2);
}

/** Whether the gateway closed the socket because it does not accept the credential. Trying again cannot help. */
function isRefused(event: unknown): boolean {
  return typeof event === "object" && event !== null && "code" in event && event.code === 4403;
}

/** Connection for all subscriptions of a page. It connects again for as long as something is subscribed. */
function createSocket(gatewayUrl: string, credential: Credential, lost: KeyedStore<true>) {
  let silence: ReturnType<typeof setTimeout> | undefined;
  const socket = createClient({
    url: gatewayUrl.replace(/^http/, "ws"),
    connectionParams: () => ({ ...credential.headers }),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, pauseBefore(attempt))),
    shouldRetry: (event) => !isRefused(event),
    // A connection that was lost without a sign is noticed, and opened again.
    keepAlive: 10_000,
    on: {
      ping(isReceived) {
        if (!isReceived) silence = setTimeout(() => socket.terminate(), PONG_MS);
      },
      pong(isReceived) {
        if (isReceived) clearTimeout(silence);
      },
      connected: () => lost.set(CONNECTION, null),
      closed(event) {
        clearTimeout(silence);
        // 1000: nothing is subscribed any more.
        const isWanted = event instanceof CloseEvent && event.code === 1000;
        if (!isWanted && !isRefused(event)) lost.set(CONNECTION, true);
      },
    },
  });
  return socket;
}

/** Reads and live data of the console. Changes are sent by `@cvm-gateway/client`, which never sends one twice. */
export function createApollo(gatewayUrl: string, credential: Credential) {
  const lost = createKeyedStore<true>();
  const socket = createSocket(gatewayUrl, credential, lost);
  const http = ApolloLink.from([
    new SetContextLink(({ headers }) => ({ headers: { ...headers, ...credential.headers } })),
    new HttpLink({ uri: gatewayUrl }),
  ]);
  const link = ApolloLink.split(
    ({ operationType }) => operationType === OperationTypeNode.SUBSCRIPTION,
    new GraphQLWsLink(socket),
    http,
  );
  const apollo = new ApolloClient({
    link,
    cache: new InMemoryCache({ possibleTypes, typePolicies }),
    defaultOptions: { watchQuery: { errorPolicy: "all" }, query: { errorPolicy: "all" } },
  });
  return {
    apollo,
    /** Whether the connection for live data is lost, under the key `CONNECTION`. */
    lost,
    /** Close the socket and forget what was read. */
    close(): void {
      void socket.dispose();
      apollo.stop();
    },
  };
}
