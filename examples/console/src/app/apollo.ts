import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from "@apollo/client";
import { SetContextLink } from "@apollo/client/link/context";
import { GraphQLWsLink } from "@apollo/client/link/subscriptions";
import { possibleTypes, typePolicies } from "@cvm-gateway/client/apollo";
import { OperationTypeNode } from "graphql";
import { createClient } from "graphql-ws";
import type { Credential } from "../sign-in/credential.ts";

/** Pause before the next attempt to connect, in milliseconds: short at first, and at most ten seconds. */
function pauseBefore(attempt: number): number {
  return Math.min(10_000, 250 * 2 ** attempt) * (0.75 + Math.random() / 2);
}

/** Whether the gateway closed the socket because it does not accept the credential. Trying again cannot help. */
function isRefused(event: unknown): boolean {
  return typeof event === "object" && event !== null && "code" in event && event.code === 4403;
}

/** Connection for all subscriptions of a page. It connects again for as long as something is subscribed. */
function createSocket(gatewayUrl: string, credential: Credential) {
  return createClient({
    url: gatewayUrl.replace(/^http/, "ws"),
    connectionParams: () => ({ ...credential.headers }),
    retryAttempts: Number.POSITIVE_INFINITY,
    retryWait: (attempt) => new Promise((resolve) => setTimeout(resolve, pauseBefore(attempt))),
    shouldRetry: (event) => !isRefused(event),
    // A connection that was lost without a sign is noticed, and opened again.
    keepAlive: 10_000,
  });
}

/** Reads and live data of the console. Changes are sent by `@cvm-gateway/client`, which never sends one twice. */
export function createApollo(gatewayUrl: string, credential: Credential) {
  const socket = createSocket(gatewayUrl, credential);
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
    /** Close the socket and forget what was read. */
    close(): void {
      void socket.dispose();
      apollo.stop();
    },
  };
}
