import { createServer, type Socket } from "node:net";

/** One request as it arrived, whole. */
type RawRequest = {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
};

/** What the upstream does with a connection, at the two moments at which it can do harm. */
export type Fault = {
  /** When the headers are there and the body may not be. */
  readonly onHeaders?: (socket: Socket) => void;
  /** When the whole request is there. `count` is how many have come, this one too. */
  readonly onRequest?: (socket: Socket, request: RawRequest, count: number) => void;
};

/** Writes an HTTP answer as told, true or not, and leaves the connection open. */
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

/** A fault that is an answer. */
export function reply(
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string | number>> = {},
): Fault {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  return { onRequest: (socket) => writeReply(socket, status, text, headers) };
}

function parseHead(head: string) {
  const [requestLine = "", ...lines] = head.split("\r\n");
  const [method = "", path = ""] = requestLine.split(" ");
  const headers = Object.fromEntries(
    lines.map((line): [string, string] => {
      const colon = line.indexOf(":");
      return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
    }),
  );
  return { method, path, headers };
}

/** An upstream on bare sockets, which can do what no HTTP server would. The fault may be changed on the way. */
export async function startFaultyUpstream(initial: Fault) {
  let fault = initial;
  const requests: RawRequest[] = [];
  const sockets = new Set<Socket>();
  let heads = 0;
  const server = createServer((socket) => {
    let buffer = "";
    let announced = false;
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
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
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  const stop = async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => server.close(resolve));
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    /** Whole requests. */
    requests,
    /** Requests of which at least the headers came. */
    countHeads: () => heads,
    become(next: Fault) {
      fault = next;
    },
    stop,
    async [Symbol.asyncDispose]() {
      if (server.listening) await stop();
    },
  };
}
