import { createServer, type Socket } from "node:net";
import { listen } from "./listen.ts";
import { encodeBody, type RecordedRequest } from "./reply.ts";

/** What the upstream does with a connection, at the two moments when a fault matters. */
export type Fault = {
  /** The headers have arrived; the body may be missing. */
  readonly onHeaders?: (socket: Socket) => void;
  /** The whole request has arrived. `count` is the number of requests so far, with this one. */
  readonly onRequest?: (socket: Socket, request: RecordedRequest, count: number) => void;
};

/** Write an HTTP answer exactly as given, valid or not, and leave the connection open. */
export function writeReply(
  socket: Socket,
  status: number,
  body: string,
  headers: Readonly<Record<string, string | number>> = {},
): void {
  const all = { "content-type": "application/json", "content-length": Buffer.byteLength(body), ...headers };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`HTTP/1.1 ${status} Whatever\r\n${lines.join("")}\r\n${body}`);
}

/** A fault that answers every request. */
export function reply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): Fault {
  return { onRequest: (socket) => writeReply(socket, status, encodeBody(body), headers) };
}

function parseHead(head: string) {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers: Record<string, string> = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, path, headers };
}

/** Start an upstream on bare sockets, which can misbehave as no HTTP server would. */
export async function startRawUpstream(initial: Fault) {
  let fault = initial;
  const requests: RecordedRequest[] = [];
  let heads = 0;
  const server = createServer((socket) => {
    let buffer = "";
    let announced = false;
    socket.on("data", (chunk) => {
      buffer += chunk.toString("latin1");
      for (;;) {
        const end = buffer.indexOf("\r\n\r\n");
        if (end === -1) return;
        const head = parseHead(buffer.slice(0, end));
        if (!announced) {
          announced = true;
          heads += 1;
          fault.onHeaders?.(socket);
        }
        const size = Number(head.headers["content-length"] ?? 0);
        if (buffer.length < end + 4 + size) return;
        const request = { ...head, body: buffer.slice(end + 4, end + 4 + size) };
        buffer = buffer.slice(end + 4 + size);
        announced = false;
        requests.push(request);
        fault.onRequest?.(socket, request, requests.length);
      }
    });
  });
  const listening = await listen(server);
  return {
    ...listening,
    /** Requests that arrived whole. */
    requests,
    /** Number of requests of which at least the headers arrived. */
    countHeads: () => heads,
    /** Replace the fault for all later requests. */
    become(next: Fault) {
      fault = next;
    },
  };
}
