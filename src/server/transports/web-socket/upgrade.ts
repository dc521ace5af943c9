import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { CloseCode, handleProtocols, makeServer } from "graphql-ws";
import { type WebSocket, WebSocketServer } from "ws";
import { noRights } from "../../../access/rights.ts";
import { errorMessages } from "../../../error-messages.ts";
import { MAX_BODY_BYTES, socketLimits } from "../../../limits.ts";
import type { Logger } from "../../../logger.ts";
import type { AddressFinder } from "../../http/client-address.ts";
import { type ConnectionFacts, readConnection } from "../../http/facts.ts";
import type { UpgradeListener } from "../../types.ts";
import type { OpenStreams } from "../open-streams.ts";
import { createMessageReader } from "./message.ts";
import { createTurns } from "./operation-turns.ts";
import {
  createWebSocketProtocol,
  type ProtocolOptions,
  type SocketState,
  type UpgradeHeaders,
} from "./protocol.ts";
import { createSocketAdmission } from "./socket-addresses.ts";

/** Options of {@link createWebSocketUpgrade}. */
export type WebSocketOptions = ProtocolOptions & {
  readonly log: Logger;
  readonly streams: OpenStreams;
  /** The most sockets of one client address that are open in this process. 0 means no limit. */
  readonly maxSocketsPerAddress: number;
  readonly findAddress: AddressFinder;
  /** Origins besides the gateway's own whose pages may connect, or `*`. */
  readonly corsOrigins: readonly string[];
};

type ProtocolServer = ReturnType<typeof makeServer<Record<string, unknown>, SocketState>>;

/** Close code "Service Restart", after which clients connect again. */
const RESTART = 1012;

/** Close code "Normal Closure", after which clients connect again only for their next operation. */
const NORMAL = 1000;

const serverOptions = {
  noServer: true,
  maxPayload: MAX_BODY_BYTES,
  perMessageDeflate: false,
  handleProtocols,
  // One message for each turn of the event loop: many small ones would delay everybody else.
  allowSynchronousEvents: false,
  // The types of ws do not have this option yet.
  closeTimeout: socketLimits.closeTimeoutMs,
};

/** Register a socket with the open streams of the process. @returns a function that removes it. */
function keepAlive(socket: WebSocket, state: SocketState, streams: OpenStreams): () => void {
  // A pong can wait behind messages that the client sent before it.
  for (const sign of ["pong", "message"] as const) {
    socket.on(sign, () => {
      state.alive = true;
    });
  }
  const close = () => socket.close(RESTART, "The gateway is stopping: connect again");
  return streams.add({
    beat() {
      if (state.operations.size === 0 && performance.now() - state.idleSince >= socketLimits.idleMs) {
        return socket.close(NORMAL, "No operation for ten minutes");
      }
      // No pong is read from a socket that is paused.
      if (!state.alive && !socket.isPaused) return socket.terminate();
      state.alive = socket.isPaused;
      socket.ping();
    },
    leave() {
      if (state.awaited.size === 0) close();
      else state.onIdle = close;
    },
  });
}

/** Say why a sender may not open a connection. A reason has at most 123 bytes. */
function describeRefusal({ sender }: SocketState): string {
  const refusal = sender?.refusal ?? null;
  if (refusal?.code === "UNAUTHENTICATED") return refusal.message;
  return sender?.rights === noRights ? errorMessages.socketTokenMissing : errorMessages.credentialMissing;
}

/** Connect one socket to the protocol. @returns a function to call when the socket is closed. */
function openProtocol(socket: WebSocket, state: SocketState, protocol: ProtocolServer, log: Logger) {
  return protocol.opened(
    {
      protocol: socket.protocol,
      // Resolves when the data is written, which delays the next result of a stream.
      send: (text) =>
        new Promise((resolve) => {
          if (socket.readyState === socket.OPEN) socket.send(text, () => resolve());
          else resolve();
        }),
      close: (code, reason) =>
        socket.close(code, code === CloseCode.Forbidden ? describeRefusal(state) : reason),
      onMessage(handle) {
        socket.on("message", (data) => {
          handle(state.messages.read(String(data), state.fields !== null)).catch((err: unknown) => {
            log.error({ err }, "web socket message failed");
            socket.close(CloseCode.InternalServerError, "Internal server error");
          });
        });
      },
    },
    state,
  );
}

function serveSocket(
  socket: WebSocket,
  connection: ConnectionFacts,
  headers: UpgradeHeaders,
  protocol: ProtocolServer,
  { streams, log }: WebSocketOptions,
): void {
  const resume = () => {
    state.alive = true;
    socket.resume();
  };
  const state: SocketState = {
    connection,
    headers,
    sender: null,
    fields: null,
    operations: new Map(),
    awaited: new Set(),
    messages: createMessageReader(),
    turns: createTurns(socketLimits.runningOperations, () => socket.pause(), resume),
    alive: true,
    idleSince: performance.now(),
    onIdle: null,
    closeExpired: () => socket.close(CloseCode.Forbidden, errorMessages.tokenExpired),
    cancelExpiry: () => undefined,
  };
  const remove = keepAlive(socket, state, streams);
  const onClosed = openProtocol(socket, state, protocol, log);
  // After an error, ws closes the socket: a frame was malformed or too large, or the connection broke.
  socket.on("error", (err) => log.debug({ err }, "web socket failed"));
  socket.once("close", (code, reason) => {
    remove();
    void onClosed(code, String(reason));
  });
}

/**
 * Whether the origin of an upgrade may connect. Browsers let any page open a WebSocket to any server, and send
 * the origin of the page. Other clients send no origin.
 */
function isAllowedOrigin(
  { headers: { origin, host } }: IncomingMessage,
  corsOrigins: readonly string[],
): boolean {
  if (origin === undefined || corsOrigins.includes("*") || corsOrigins.includes(origin)) return true;
  const scheme = /^https?:\/\//.exec(origin)?.[0];
  return scheme !== undefined && URL.parse(`${scheme}${host}`)?.origin === origin;
}

function rejectUpgrade(socket: Duplex, status: string): void {
  // The client may keep its own half of the connection open, so close the whole connection.
  socket.once("finish", () => socket.destroy());
  socket.end(`HTTP/1.1 ${status}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n`);
}

/**
 * Serve GraphQL over WebSocket (`graphql-transport-ws`) at /graphql. Operations run through the same pipeline as over
 * HTTP. Their credential and workspace come from `connectionParams`, or else from the headers of the upgrade. Tokens of
 * a sign-in come from both.
 */
export function createWebSocketUpgrade(options: WebSocketOptions): UpgradeListener {
  const { corsOrigins, maxSocketsPerAddress, findAddress } = options;
  const isAdmitted = createSocketAdmission(maxSocketsPerAddress);
  const protocol = makeServer(createWebSocketProtocol(options));
  const sockets = new WebSocketServer(serverOptions);
  return (request, socket, head) => {
    socket.on("error", () => socket.destroy());
    const path = URL.parse(request.url ?? "", "http://gateway.invalid")?.pathname;
    if (path !== "/graphql") return rejectUpgrade(socket, "404 Not Found");
    if (!isAllowedOrigin(request, corsOrigins)) return rejectUpgrade(socket, "403 Forbidden");
    const connection = readConnection(request, findAddress);
    if (!isAdmitted(connection.address, socket)) return rejectUpgrade(socket, "429 Too Many Requests");
    const { headers, headersDistinct } = request;
    sockets.handleUpgrade(request, socket, head, (opened) =>
      serveSocket(opened, connection, { headers, headersDistinct }, protocol, options),
    );
  };
}
