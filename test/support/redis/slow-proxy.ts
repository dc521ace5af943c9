import { connect, createServer, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../upstream/listen.ts";

/** Start a TCP proxy that delays what the server sends, and that can lead to another server later. */
export async function startSlowProxy(port: number) {
  let delayMs = 0;
  let targetPort = port;
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    client.on("error", () => client.destroy());
    const target = connect(targetPort, "127.0.0.1");
    target.on("error", () => target.destroy());
    client.on("close", () => {
      clients.delete(client);
      target.destroy();
    });
    client.pipe(target);
    let sent = Promise.resolve();
    target.on("data", (chunk) => {
      const delayed = Promise.all([sent, sleep(delayMs)]);
      sent = delayed.then(() => void client.write(chunk));
    });
    target.on("close", () => client.destroy());
  });
  const listening = await listen(server);
  return {
    ...listening,
    url: `redis://127.0.0.1:${listening.port}`,
    setDelay(ms: number) {
      delayMs = ms;
    },
    /** Lead to the server on another port, and end the present connections. */
    switchTo(other: number) {
      targetPort = other;
      for (const client of clients) client.destroy();
    },
  };
}
