import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type Socket } from "node:net";
import { listen } from "./listen.ts";
import { serverIdentity } from "./tls.ts";

/** What a proxy does with a CONNECT request instead of opening the tunnel. */
export type Refusal = (socket: Socket) => void;

/** Answer CONNECT with a status. */
export const answerConnect =
  (status: number, headers = ""): Refusal =>
  (socket) =>
    void socket.end(`HTTP/1.1 ${status} No\r\n${headers}content-length: 6\r\n\r\nrefuse`);

/**
 * Start an egress proxy that opens a tunnel for each CONNECT, until it is told to refuse.
 *
 * @param withTls - whether its own URL is https://
 */
export async function startConnectProxy(refusal: Refusal | null = null, withTls = false) {
  const tunnels: { readonly target: string; readonly authorization: string | null }[] = [];
  const forwarded: string[] = [];
  const ends = new Set<Socket>();
  let refuse = refusal;
  const server = withTls ? createTlsServer(serverIdentity) : createServer();
  server.on("request", (request, response) => {
    forwarded.push(request.url ?? "");
    response.writeHead(501).end();
  });
  server.on("connect", ({ url: target = "", headers, socket }) => {
    tunnels.push({ target, authorization: headers["proxy-authorization"] ?? null });
    socket.on("error", () => undefined);
    if (refuse !== null) {
      refuse(socket);
      return;
    }
    const { hostname, port } = new URL(`http://${target}`);
    const upstream = connect(Number(port || 80), hostname.replace(/^localhost$/, "127.0.0.1"));
    ends.add(upstream);
    upstream.once("connect", () => socket.write("HTTP/1.1 200 Connection established\r\n\r\n"));
    // A reset on one side is a reset on the other, as without a proxy.
    upstream.on("error", () => socket.resetAndDestroy());
    socket.on("error", () => upstream.resetAndDestroy());
    socket.on("close", () => upstream.destroy());
    upstream.on("close", () => socket.destroySoon());
    upstream.pipe(socket).pipe(upstream);
  });
  const listening = await listen(server);
  return {
    ...listening,
    /** URL with credentials, as an operator writes it. */
    urlWithPassword: `${withTls ? "https" : "http"}://operator:hunter%402@127.0.0.1:${listening.port}`,
    /** The CONNECT requests. */
    tunnels,
    /** Requests that were to be forwarded without a tunnel. */
    forwarded,
    become(next: Refusal | null) {
      refuse = next;
    },
    async [Symbol.asyncDispose]() {
      for (const end of ends) end.destroy();
      await listening.stop();
    },
  };
}
