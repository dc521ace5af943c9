import { connect, createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { listen } from "../upstream/listen.ts";

/** Start a TCP proxy that delays what the server sends. */
export async function startSlowProxy(port: number) {
  let delayMs = 0;
  const server = createServer((client) => {
    const target = connect(port, "127.0.0.1");
    target.on("error", () => target.destroy());
    client.on("close", () => target.destroy());
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
  };
}
