import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** What happens to the next request whose bytes contain a text. */
export type NetworkFault = {
  readonly text: string;
  /** `request-lost`: it never arrives. `answer-lost`: it arrives, and the connection is reset before its answer. */
  readonly effect: "request-lost" | "answer-lost";
  /** How often. Once, if left out. */
  readonly times?: number;
};

/** Start a TCP proxy in front of a port on 127.0.0.1. It resets connections on demand. */
export async function startFlakyNetwork(port: number) {
  const clients = new Set<Socket>();
  const network = { port, isOffline: false, resets: 0, connections: 0 };
  const frozen = new WeakSet<Socket>();
  let faults: { text: string; effect: NetworkFault["effect"]; times: number }[] = [];

  function takeFault(bytes: Buffer | string): NetworkFault["effect"] | null {
    const text = bytes.toString();
    const fault = faults.find((one) => one.times > 0 && text.includes(one.text));
    if (fault === undefined) return null;
    fault.times -= 1;
    network.resets += 1;
    return fault.effect;
  }

  const server = createServer((client) => {
    network.connections += 1;
    if (network.isOffline) {
      client.resetAndDestroy();
      return;
    }
    clients.add(client);
    const upstream = connect(network.port, "127.0.0.1");
    let isDoomed = false;
    client.on("data", (bytes) => {
      if (frozen.has(client)) return;
      const effect = takeFault(bytes);
      if (effect === "request-lost") {
        client.resetAndDestroy();
        upstream.destroy();
        return;
      }
      isDoomed ||= effect === "answer-lost";
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (frozen.has(client)) return;
      if (isDoomed) client.resetAndDestroy();
      else client.write(bytes);
    });
    client.on("close", () => {
      clients.delete(client);
      upstream.end();
    });
    upstream.on("close", () => {
      if (!frozen.has(client)) client.destroy();
    });
    client.on("error", () => undefined);
    upstream.on("error", () => client.destroy());
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("The proxy has no port.");

  return Object.assign(network, {
    url: `http://127.0.0.1:${address.port}/graphql`,
    /** Arm faults. They replace those before. */
    fail(...armed: readonly NetworkFault[]) {
      faults = armed.map(({ times = 1, ...fault }) => ({ ...fault, times }));
    },
    /** Reset every open connection. */
    cut() {
      for (const client of clients) client.resetAndDestroy();
    },
    /** Drop all data of the open connections without closing them, as a network does that disappears. */
    freeze() {
      for (const client of clients) frozen.add(client);
    },
    async [Symbol.asyncDispose]() {
      for (const client of clients) client.destroy();
      server.close();
      await once(server, "close");
    },
  });
}
