import { randomUUID } from "node:crypto";
import type { IncomingMessage } from "node:http";
import { type ExecutionArgs, type GraphQLSchema, parse } from "graphql";
import type { ServerOptions, SubscribePayload } from "graphql-ws";
import type { Identify } from "../../../access/types.ts";
import { ClientPresence } from "../../../client-presence.ts";
import { type AllValuesReader, type FieldReader, WORKSPACE_HEADER } from "../../../credential.ts";
import { socketLimits } from "../../../limits.ts";
import type { RequestFacts } from "../../../request-facts.ts";
import { callAtTime } from "../../../watch/at-time.ts";
import { type ConnectionFacts, identifySender, type Sender, unknownSender } from "../../http/facts.ts";
import { isStream } from "../../pipeline/stream-results.ts";
import type { OperationResult, Pipeline } from "../../pipeline/types.ts";
import { withoutHttp } from "../format-result.ts";
import type { MessageReader } from "./message.ts";
import type { Turns } from "./operation-turns.ts";

/** The headers of an upgrade request, which say who the caller is together with `connectionParams`. */
export type UpgradeHeaders = Pick<IncomingMessage, "headers" | "headersDistinct">;

/** Reads the fields that say who the caller is: one value of a field, or all of them. */
type SenderFields = { readonly read: FieldReader; readonly readAll: AllValuesReader };

/** State of one socket. */
export type SocketState = {
  /** Facts of the upgrade request. */
  readonly connection: ConnectionFacts;
  readonly headers: UpgradeHeaders;
  /** Who opened the connection. Null until the client has initialised it. */
  sender: Sender | null;
  /** Reads who the client says it is. Null until the client has initialised the connection. */
  fields: SenderFields | null;
  /** Operations that run or wait, by their payload. A client can use an id again before its operation ends. */
  readonly operations: Map<SubscribePayload, ClientPresence>;
  /** Operations whose single result is not sent yet. A client that is disconnected would send them again. */
  readonly awaited: Set<SubscribePayload>;
  /** Turns of the awaited operations. */
  readonly turns: Turns;
  readonly messages: MessageReader;
  /** Whether the client has sent anything since the last heartbeat. */
  alive: boolean;
  /** When the last operation ended, on the clock of `performance.now()`. */
  idleSince: number;
  /** Called when no result is awaited any more. */
  onIdle: (() => void) | null;
  /** Close the socket, because the token of its caller has expired. */
  readonly closeExpired: () => void;
  /** Stop waiting for the end of the token. */
  cancelExpiry: () => void;
};

type Field = readonly [name: string, value: string];

/**
 * List the properties of an object that have a value, with lower-case names. A value that cannot be a header becomes an
 * empty one. Without it, the operation would run in another workspace or for another caller.
 */
function listFields(value: unknown): Field[] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).flatMap(([name, field]): Field[] => {
    if (field === undefined || field === null) return [];
    const valid = typeof field === "string" && /^[\x20-\x7e]*$/.test(field);
    return [[name.toLowerCase(), valid ? field : ""]];
  });
}

/** `connectionParams` can name the workspace of X-Workspace without a prefix. */
function listParams(value: unknown): Field[] {
  return listFields(value).map(([name, field]) => [name === "workspace" ? "x-workspace" : name, field]);
}

/**
 * Create the reader of who the caller is: `connectionParams`, at their top level or in `headers`, and the headers of the
 * upgrade request. A later field replaces an earlier one where a single value is read. The upgrade request is first
 * where all are read: a header that an access proxy sets cannot be replaced.
 */
function createSenderFields(
  { headers, headersDistinct }: UpgradeHeaders,
  params: Readonly<Record<string, unknown>> = {},
): SenderFields {
  const given = [...listParams(params["headers"]), ...listParams(params)];
  const values = new Map([...listFields(headers), ...given]);
  return {
    read: (name) => values.get(name) ?? null,
    readAll: (name) => [
      ...(headersDistinct[name] ?? []),
      ...given.flatMap(([key, value]) => (key === name ? [value] : [])),
    ],
  };
}

/** Whether a sender may open a connection. An operation reports a workspace that is invalid. */
async function mayConnect(
  sender: Sender,
  identify: Identify,
  { read, readAll }: SenderFields,
): Promise<boolean> {
  if (sender.refusal === null) return sender.caller !== null;
  if (sender.refusal.code === "UNAUTHENTICATED") return false;
  const readOthers: FieldReader = (name) => (name === WORKSPACE_HEADER ? null : read(name));
  const { caller, refusal } = await identifySender(identify, readOthers, readAll);
  return caller !== null || refusal !== null;
}

/** Stop awaiting the result of an operation. graphql-ws sends the result before `onIdle` is called. */
function stopAwaiting({ awaited, turns, onIdle }: SocketState, payload: SubscribePayload): void {
  if (!awaited.delete(payload)) return;
  turns.leave();
  if (awaited.size === 0 && onIdle !== null) setImmediate(onIdle);
}

function endOperation(state: SocketState, payload: SubscribePayload): void {
  state.operations.get(payload)?.leave();
  state.operations.delete(payload);
  state.idleSince = performance.now();
  stopAwaiting(state, payload);
  closeIfExpired(state);
}

/** Close a socket whose token has expired, once its operations have ended. The client connects with a new token. */
function closeIfExpired({ sender, operations, closeExpired }: SocketState): void {
  const expiresAt = sender?.expiresAt ?? null;
  // graphql-ws sends the end of the last operation first.
  if (expiresAt !== null && expiresAt <= Date.now() && operations.size === 0) setImmediate(closeExpired);
}

/** The result of an operation that ran. It is passed through graphql-ws as the `rootValue`. */
class RunResult {
  readonly result: OperationResult;

  constructor(result: OperationResult) {
    this.result = result;
  }
}

function takeResult({ rootValue }: ExecutionArgs): OperationResult {
  return rootValue instanceof RunResult ? rootValue.result : { data: null };
}

/** graphql-ws requires a document. It does not run it, because the pipeline has the result already. */
const PLACEHOLDER = parse("{ __typename }");

/** What {@link createWebSocketProtocol} needs. */
export type ProtocolOptions = {
  readonly schema: GraphQLSchema;
  readonly pipeline: Pipeline;
  readonly identify: Identify;
  readonly requestTimeoutMs: number;
};

/**
 * Create the options of graphql-ws. `onSubscribe` runs an operation through the pipeline. graphql-ws then calls
 * `execute`, which returns the result.
 */
export function createWebSocketProtocol({
  schema,
  pipeline,
  identify,
  requestTimeoutMs,
}: ProtocolOptions): ServerOptions<Record<string, unknown>, SocketState> {
  /** Identify the sender of an operation anew: the access file can be another one than when the socket opened. */
  const createFacts = async (
    { connection, fields }: SocketState,
    client: ClientPresence,
  ): Promise<RequestFacts> => ({
    id: randomUUID(),
    ...connection,
    ...(fields === null ? unknownSender : await identifySender(identify, fields.read, fields.readAll)),
    idempotencyKey: null,
    transport: "websocket",
    readOnly: false,
    wantsStats: false,
    deadline: performance.now() + requestTimeoutMs,
    client,
  });
  return {
    connectionInitWaitTimeout: socketLimits.initTimeoutMs,
    // Without a credential, graphql-ws closes the socket with 4403.
    async onConnect({ extra, connectionParams }) {
      const fields = createSenderFields(extra.headers, connectionParams);
      const sender = await identifySender(identify, fields.read, fields.readAll);
      extra.sender = sender;
      extra.fields = fields;
      if (sender.expiresAt !== null) {
        extra.cancelExpiry = callAtTime(sender.expiresAt, () => closeIfExpired(extra));
      }
      return mayConnect(sender, identify, fields);
    },
    async onSubscribe({ extra: state, subscriptions }, id, payload: SubscribePayload) {
      const client = new ClientPresence();
      state.operations.set(payload, client);
      state.awaited.add(payload);
      await state.turns.enter();
      // The client may have ended the operation while it waited.
      if (!(id in subscriptions)) client.leave();
      const facts = await createFacts(state, client);
      const result = withoutHttp(await pipeline.runOperation(facts, state.messages.takePayload(payload)));
      if (isStream(result)) stopAwaiting(state, payload);
      else if (result.data === undefined) {
        // graphql-ws calls no hook for the errors of an operation that the client has ended.
        if (!(id in subscriptions)) endOperation(state, payload);
        return result.errors ?? [];
      }
      const args: ExecutionArgs = { schema, document: PLACEHOLDER, rootValue: new RunResult(result) };
      return args;
    },
    execute: takeResult,
    onError: ({ extra }, _id, payload) => endOperation(extra, payload),
    onComplete: ({ extra }, _id, payload) => endOperation(extra, payload),
    onClose({ extra }) {
      extra.turns.close();
      extra.cancelExpiry();
      for (const payload of [...extra.operations.keys()]) endOperation(extra, payload);
    },
  };
}
