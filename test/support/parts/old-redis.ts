import { once } from "node:events";
import { createServer, type Socket } from "node:net";

const INFO = "redis_version:6.2.14\r\nloading:0\r\n";

/** Answer a command as Redis 6.2 does. */
function reply(command: string): string {
  if (/\r\nINFO\r\n/i.test(command)) return `$${INFO.length}\r\n${INFO}\r\n`;
  return /\r\nSET\r\n.*\r\nNX\r\n.*\r\nGET\r\n/is.test(command) ? "-ERR syntax error\r\n" : ":1\r\n";
}

/** Start a server that answers like a Redis without `SET … NX GET`, which Redis has since 7.0. */
export async function startOldRedis() {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => socket.destroy());
    socket.on("data", (chunk) => {
      const commands = chunk.toString().split(/(?=\*\d+\r\n)/);
      socket.write(commands.map(reply).join(""));
    });
  });
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  const port = typeof address === "object" ? address?.port : undefined;
  return {
    url: `redis://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}
