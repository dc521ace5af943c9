import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { credentialHeaders } from "../../credential.ts";
import type { Logger } from "../../logger.ts";
import type { App } from "../types.ts";
import { createOperationRequest, type OperationRequest } from "./operation-request.ts";
import { createOperationRunner } from "./run-operation.ts";

/** State of one socket. */
export type SocketState = {
  /** The credential of the upgrade request. */
  readonly credentials: Headers;
  readonly operations: Map<string, OperationRequest>;
  /** Operations whose single result is not sent yet. A client that is disconnected would send them again. */
  readonly awaited: Set<string>;
  /** Called when no result is awaited any more. */
  onIdle: (() => void) | null;
};

/** Return the string properties of an object. */
export function listStrings(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string");
}

/** Keep the credential among `fields`, whose names may be in any case. A later field replaces an earlier one. */
export function selectCredentials(fields: Iterable<[string, string]>): Headers {
  const credentials = new Headers();
  for (const [name, value] of fields) {
    const isCredential = credentialHeaders.some((header) => header === name.toLowerCase());
    if (isCredential && /^[\x20-\x7e]*$/.test(value)) credentials.set(name, value);
  }
  return credentials;
}

/** The credential of `connectionParams`, at its top level or in `headers`, otherwise that of the upgrade. */
function mergeCredentials(upgrade: Headers, params: Readonly<Record<string, unknown>> = {}): Headers {
  return selectCredentials([...upgrade, ...listStrings(params["headers"]), ...listStrings(params)]);
}

/** Stop awaiting the result of an operation. graphql-ws sends the result before `onIdle` is called. */
function stopAwaiting({ awaited, onIdle }: SocketState, id: string): void {
  if (awaited.delete(id) && awaited.size === 0 && onIdle !== null) setImmediate(onIdle);
}

function endOperation(state: SocketState, id: string): void {
  state.operations.get(id)?.abort();
  state.operations.delete(id);
  stopAwaiting(state, id);
}

/** The result of an operation that ran. It is passed through graphql-ws as the `rootValue`. */
class RunResult {
  readonly result: ExecutionResult | AsyncIterable<ExecutionResult>;

  constructor(result: ExecutionResult | AsyncIterable<ExecutionResult>) {
    this.result = result;
  }
}

function takeResult({ rootValue }: ExecutionArgs): ExecutionResult | AsyncIterable<ExecutionResult> {
  return rootValue instanceof RunResult ? rootValue.result : { data: null };
}

/**
 * Create the options of graphql-ws. `onSubscribe` runs an operation through the plugins of the application.
 * graphql-ws then calls `execute` or `subscribe`, which return the result.
 */
export function createWebSocketProtocol(
  app: App,
  schema: GraphQLSchema,
  log: Logger,
): ServerOptions<Record<string, unknown>, SocketState> {
  const run = createOperationRunner(app, log);
  return {
    async onSubscribe(
      { extra: state, connectionParams },
      id,
      { query, variables, operationName, extensions }: SubscribePayload,
    ) {
      const credentials = mergeCredentials(state.credentials, connectionParams);
      const operation = createOperationRequest(app.fetchAPI, credentials);
      state.operations.set(id, operation);
      state.awaited.add(id);
      const params = {
        query,
        variables: variables ?? {},
        ...(operationName ? { operationName } : {}),
        ...(extensions ? { extensions } : {}),
      };
      const result = await run(params, operation.request);
      if (isAsyncIterable(result)) stopAwaiting(state, id);
      else if (result.data === undefined) return result.errors ?? [];
      const args: ExecutionArgs = {
        schema,
        document: parse(query),
        operationName,
        rootValue: new RunResult(result),
      };
      return args;
    },
    execute: takeResult,
    subscribe: takeResult,
    onError: ({ extra }, id) => endOperation(extra, id),
    onComplete: ({ extra }, id) => endOperation(extra, id),
    onClose({ extra }) {
      for (const id of [...extra.operations.keys()]) endOperation(extra, id);
    },
  };
}
