import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { callerHeaders, WORKSPACE_HEADER } from "../../credential.ts";
import type { Logger } from "../../logger.ts";
import { parseWithinLimits } from "../documents/document-limits.ts";
import type { App } from "../types.ts";
import { createOperationRequest, type OperationRequest } from "./operation-request.ts";
import { createOperationRunner } from "./run-operation.ts";

/** State of one socket. */
export type SocketState = {
  /** The credential and the workspace of the upgrade request. */
  readonly caller: Headers;
  readonly operations: Map<string, OperationRequest>;
  /** Operations whose single result is not sent yet. A client that is disconnected would send them again. */
  readonly awaited: Set<string>;
  /** Called when no result is awaited any more. */
  onIdle: (() => void) | null;
};

/** Return the properties of an object that have a value. */
export function listFields(value: unknown): [string, unknown][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter(([, field]) => field !== undefined && field !== null);
}

/**
 * Keep the headers that say who the caller is among `fields`, whose names may be in any case. A later field
 * replaces an earlier one. A workspace that cannot be a header becomes an empty one, which is invalid: without
 * it, the operation would run in another workspace.
 */
export function selectCaller(fields: Iterable<readonly [string, unknown]>): Headers {
  const caller = new Headers();
  for (const [name, value] of fields) {
    const header = callerHeaders.find((known) => known === name.toLowerCase());
    if (header === undefined) continue;
    if (typeof value === "string" && /^[\x20-\x7e]*$/.test(value)) caller.set(header, value);
    else if (header === WORKSPACE_HEADER) caller.set(header, "");
  }
  return caller;
}

/** The caller by `connectionParams`, at their top level or in `headers`, otherwise by the upgrade. */
function mergeCaller(upgrade: Headers, params: Readonly<Record<string, unknown>> = {}): Headers {
  return selectCaller([...upgrade, ...listFields(params["headers"]), ...listFields(params)]);
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
      const caller = mergeCaller(state.caller, connectionParams);
      const operation = createOperationRequest(app.fetchAPI, caller);
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
        document: parseWithinLimits(query),
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
