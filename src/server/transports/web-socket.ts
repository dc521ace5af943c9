import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { type ExecutionArgs, type ExecutionResult, type GraphQLSchema, parse } from "graphql";
import {
  CloseCode,
  handleProtocols,
  makeServer,
  type ServerOptions,
  type SubscribePayload,
} from "graphql-ws";
import { isAsyncIterable } from "graphql-yoga";
import { type WebSocket, WebSocketServer } from "ws";
import type { Logger } from "../../logger.ts";
import type { App } from "../http/app.ts";
import type { OpenStreams } from "./open-streams.ts";
import { createOperationRequest, type OperationRequest } from "./operation-request.ts";
import { createOperationRunner } from "./run-operation.ts";

/** What {@link createWebSocketUpgrade} takes. */
export type WebSocketOptions = {
  readonly schema: GraphQLSchema;
  readonly log: Logger;
  readonly streams: OpenStreams;
  /** How many sockets may be open in all. */
  readonly maxSockets: number;
  /** The largest message, in bytes. */
  readonly maxMessageBytes: number;
  /** Origins whose pages may connect beside the gateway's own, or `*`. */
  readonly corsOrigins: readonly string[];
};

/** Takes over the upgrade of an HTTP connection. */
export type UpgradeListener = (request: IncomingMessage, socket: Duplex, head: Buffer) => void;

/** One socket's own state. */
type Extra = {
  readonly upgrade: Headers;
  readonly operations: Map<string, OperationRequest>;
  /** Operations whose one result is still to come: a client that is cut off would send them again. */
  readonly awaited: Set<string>;
  /** Is called once no result is awaited any more. */
  onIdle: (() => void) | null;
};

/** The close code that makes clients come back: Service Restart. */
const RESTART = 1012;

/** How long a client may take to agree to a close, milliseconds. */
const CLOSE_TIMEOUT_MS = 2_000;

function readPairs(value: unknown): [string, string][] {
  if (typeof value !== "object" || value === null) return [];
  return Object.entries(value).filter((pair): pair is [string, string] => typeof pair[1] === "string");
}

/** The credential: from `connectionParams`, names in any case, else from the headers of the upgrade. */
function readCredentials(upgrade: Headers, params: Readonly<Record<string, unknown>> = {}): Headers {
  const credentials = new Headers();
  const given = [...upgrade, ...readPairs(params["headers"]), ...readPairs(params)];
  for (const [name, value] of given) {
    const known = /^(x-api-key|authorization)$/i.test(name) && /^[\x20-\x7e]*$/.test(value);
    if (known) credentials.set(name, value);
  }
  return credentials;
}

/** Notes that nothing is awaited under this id; what ends the operation is sent before `onIdle` is called. */
function settle({ awaited, onIdle }: Extra, id: string): void {
  if (awaited.delete(id) && awaited.size === 0 && onIdle !== null) setImmediate(onIdle);
}

function createProtocol(
  app: App,
  { schema, log }: WebSocketOptions,
): ServerOptions<Record<string, unknown>, Extra> {
  const run = createOperationRunner(app, log);
  const results = new WeakMap<object, ExecutionResult | AsyncIterable<ExecutionResult>>();
  const take = (args: object) => results.get(args) ?? { data: null };
  const finish = (extra: Extra, id: string) => {
    extra.operations.get(id)?.abort();
    extra.operations.delete(id);
    settle(extra, id);
  };
  return {
    async onSubscribe(ctx, id, { query, variables, operationName, extensions }: SubscribePayload) {
      const credentials = readCredentials(ctx.extra.upgrade, ctx.connectionParams);
      const operation = createOperationRequest(app.fetchAPI, credentials);
      ctx.extra.operations.set(id, operation);
      ctx.extra.awaited.add(id);
      const params = {
        query,
        variables: variables ?? {},
        ...(operationName ? { operationName } : {}),
        ...(extensions ? { extensions } : {}),
      };
      const result = await run(params, operation.request);
      if (isAsyncIterable(result)) settle(ctx.extra, id);
      if (!isAsyncIterable(result) && result.data === undefined) return result.errors ?? [];
      const args: ExecutionArgs = { schema, document: parse(query), operationName, contextValue: null };
      results.set(args, result);
      return args;
    },
    execute: (args) => take(args),
    subscribe: (args) => take(args),
    onError: (ctx, id) => finish(ctx.extra, id),
    onComplete: (ctx, id) => finish(ctx.extra, id),
    onClose(ctx) {
      for (const id of [...ctx.extra.operations.keys()]) finish(ctx.extra, id);
    },
  };
}

/** Ties one socket to the protocol, and to the streams that are kept alive and closed together. */
function serve(
  socket: WebSocket,
  upgrade: Headers,
  protocol: ReturnType<typeof makeServer<Record<string, unknown>, Extra>>,
  { streams, log }: WebSocketOptions,
): void {
  let alive = true;
  const extra: Extra = { upgrade, operations: new Map(), awaited: new Set(), onIdle: null };
  const close = () => {
    socket.close(RESTART, "The gateway is being stopped: come back");
    setTimeout(() => socket.terminate(), CLOSE_TIMEOUT_MS).unref();
  };
  const forget = streams.add({
    beat() {
      if (!alive) return socket.terminate();
      alive = false;
      socket.ping();
    },
    leave() {
      if (extra.awaited.size === 0) close();
      else extra.onIdle = close;
    },
  });
  const closed = protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the client's end has taken it, which holds back the next value of a stream.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
          else resolve();
        }),
      close: (code, reason) => socket.close(code, reason),
      onMessage(handle) {
        socket.on("message", (data) => {
          handle(String(data)).catch((err: unknown) => {
            log.error({ err }, "web socket message failed");
            socket.close(CloseCode.InternalServerError, "Internal server error");
          });
        });
      },
    },
    extra,
  );
  socket.on("pong", () => {
    alive = true;
  });
  // ws closes the socket by itself: a frame was malformed or too large, or the connection broke.
  socket.on("error", (err) => log.debug({ err }, "web socket failed"));
  socket.once("close", (code, reason) => {
    forget();
    void closed(code, String(reason));
  });
}

/**
 * Says whether whoever connects may: browsers let any page open a WebSocket anywhere, and only tell its origin.
 * Clients that are no browser send none.
 */
function mayConnect({ headers: { origin, host } }: IncomingMessage, origins: readonly string[]): boolean {
  if (origin === undefined || origins.includes("*") || origins.includes(origin)) return true;
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  return scheme !== undefined && URL.parse(`${scheme}${host}`)?.origin === origin;
}

function refuse(socket: Duplex, status: string): void {
  // Nothing else is expected of the client, which may keep its own half open.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/**
 * Serves GraphQL over WebSocket (`graphql-transport-ws`) at /graphql. Operations take the same way as over
 * HTTP; their credential comes from `connectionParams`, else from the headers of the upgrade.
 */
export function createWebSocketUpgrade(app: App, options: WebSocketOptions): UpgradeListener {
  const protocol = makeServer(createProtocol(app, options));
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: options.maxMessageBytes,
    perMessageDeflate: false,
    handleProtocols,
  });
  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const path = URL.parse(request.url ?? "", "http://gateway.invalid")?.pathname;
    if (path !== "/graphql") return refuse(socket, "404 Not Found");
    if (!mayConnect(request, options.corsOrigins)) return refuse(socket, "403 Forbidden");
    if (sockets.clients.size >= options.maxSockets) return refuse(socket, "503 Service Unavailable");
    const upgrade = readCredentials(new Headers(readPairs(request.headers)));
    sockets.handleUpgrade(request, socket, head, (opened) => serve(opened, upgrade, protocol, options));
  };
}
