import type { ExecutionArgs, ExecutionResult, GraphQLSchema } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { callerHeaders, parseCredential, WORKSPACE_HEADER } from "../../credential.ts";
import { socketLimits } from "../../limits.ts";
import type { Logger } from "../../logger.ts";
import { parseWithinLimits } from "../documents/document-limits.ts";
import type { App } from "../types.ts";
import { createOperationRequest, type OperationRequest } from "./operation-request.ts";
import type { Turns } from "./operation-turns.ts";
import { createOperationRunner } from "./run-operation.ts";

/** State of one socket. */
export type SocketState = {
  /** The credential and the workspace of the upgrade request. */
  readonly caller: Headers;
  /** Operations that run or wait, by their payload. A client can use an id again before its operation ends. */
  readonly operations: Map<SubscribePayload, OperationRequest>;
  /** Operations whose single result is not sent yet. A client that is disconnected would send them again. */
  readonly awaited: Set<SubscribePayload>;
  /** Turns of the awaited operations. */
  readonly turns: Turns;
  /** Whether the client has sent anything since the last heartbeat. */
  alive: boolean;
  /** When the last operation ended, on the clock of `performance.now()`. */
  idleSince: number;
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

/** Whether a caller has a credential. An operation reports a workspace that is invalid. */
function hasCredential(caller: Headers): boolean {
  const headers = new Headers(caller);
  headers.delete(WORKSPACE_HEADER);
  return parseCredential(headers) !== null;
}

/** Stop awaiting the result of an operation. graphql-ws sends the result before `onIdle` is called. */
function stopAwaiting({ awaited, turns, onIdle }: SocketState, payload: SubscribePayload): void {
  if (!awaited.delete(payload)) return;
  turns.leave();
  if (awaited.size === 0 && onIdle !== null) setImmediate(onIdle);
}

function endOperation(state: SocketState, payload: SubscribePayload): void {
  state.operations.get(payload)?.abort();
  state.operations.delete(payload);
  state.idleSince = performance.now();
  stopAwaiting(state, payload);
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
    connectionInitWaitTimeout: socketLimits.initTimeoutMs,
    // Without a credential, graphql-ws closes the socket with 4403.
    onConnect: ({ extra, connectionParams }) => hasCredential(mergeCaller(extra.caller, connectionParams)),
    async onSubscribe({ extra: state, connectionParams, subscriptions }, id, payload: SubscribePayload) {
      const { query, variables, operationName, extensions } = payload;
      const caller = mergeCaller(state.caller, connectionParams);
      const operation = createOperationRequest(app.fetchAPI, caller);
      state.operations.set(payload, operation);
      state.awaited.add(payload);
      await state.turns.enter();
      // The client may have ended the operation while it waited.
      if (!(id in subscriptions)) operation.abort();
      const params = {
        query,
        variables: variables ?? {},
        ...(operationName ? { operationName } : {}),
        ...(extensions ? { extensions } : {}),
      };
      const result = await run(params, operation.request);
      if (isAsyncIterable(result)) stopAwaiting(state, payload);
      else if (result.data === undefined) {
        // graphql-ws calls no hook for the errors of an operation that the client has ended.
        if (!(id in subscriptions)) endOperation(state, payload);
        return result.errors ?? [];
      }
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
    onError: ({ extra }, _id, payload) => endOperation(extra, payload),
    onComplete: ({ extra }, _id, payload) => endOperation(extra, payload),
    onClose({ extra }) {
      extra.turns.close();
      for (const payload of [...extra.operations.keys()]) endOperation(extra, payload);
    },
  };
}
