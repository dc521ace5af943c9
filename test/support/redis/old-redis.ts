import { createServer } from "node:net";
import { listen } from "../upstream/listen.ts";

/** What a fake server is. */
type FakeServer = {
  readonly version: string;
  /** Ports of the masters of its cluster, which have the same number of slots each. */
  readonly cluster: readonly number[];
};

const SLOTS = 16_384;

const toBulk = (text: string) => `$${text.length}\r\n${text}\r\n`;

function describeSlots(ports: readonly number[]): string {
  const size = Math.ceil(SLOTS / ports.length);
  const ranges = ports.map((port, index) => {
    const last = Math.min(SLOTS, (index + 1) * size) - 1;
    return `*3\r\n:${index * size}\r\n:${last}\r\n*2\r\n${toBulk("127.0.0.1")}:${port}\r\n`;
  });
  return `*${ranges.length}\r\n${ranges.join("")}`;
}

/** Answer a command. Before version 7.0, Redis does not know `SET … NX GET`. */
function reply(command: string, { version, cluster }: FakeServer): string {
  if (/\r\nSLOTS\r\n/i.test(command)) return describeSlots(cluster);
  if (/\r\nCLUSTER\r\n/i.test(command)) return toBulk("cluster_state:ok\r\n");
  if (/\r\nINFO\r\n/i.test(command)) return toBulk(`redis_version:${version}\r\nloading:0\r\n`);
  const isOld = Number.parseInt(version, 10) < 7;
  return isOld && /\r\nSET\r\n.*\r\nNX\r\n.*\r\nGET\r\n/is.test(command) ? "-ERR syntax error\r\n" : ":1\r\n";
}

/** Start a fake server. Its cluster can be set later, when the ports of the other ones are known. */
async function startFake(version: string) {
  let cluster: readonly number[] = [];
  const server = createServer((socket) => {
    socket.on("data", (chunk) => {
      const commands = chunk.toString().split(/(?=\*\d+\r\n)/);
      socket.write(commands.map((command) => reply(command, { version, cluster })).join(""));
    });
  });
  const listening = await listen(server);
  return {
    ...listening,
    join(ports: readonly number[]) {
      cluster = ports;
    },
  };
}

/** Start a server that answers like a Redis without `SET … NX GET`, which Redis has since 7.0. */
export async function startOldRedis() {
  const server = await startFake("6.2.14");
  return { ...server, url: `redis://127.0.0.1:${server.port}` };
}

/** Start servers that answer like the masters of a cluster with these versions. */
export async function startFakeCluster(versions: readonly string[]) {
  const servers = await Promise.all(versions.map(startFake));
  const ports = servers.map(({ port }) => port);
  for (const server of servers) server.join(ports);
  return {
    url: `redis+cluster://127.0.0.1:${ports[0]}`,
    async [Symbol.asyncDispose]() {
      await Promise.all(servers.map(({ stop }) => stop()));
    },
  };
}
