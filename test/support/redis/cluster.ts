import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { findFreePort } from "../upstream/listen.ts";
import { command } from "./command.ts";
import { inMemory, launchRedis } from "./server.ts";

const MASTERS = 3;

async function findFreePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await findFreePort());
  return [...ports];
}

async function isReady(port: number): Promise<boolean> {
  const info = String(await command(`redis://127.0.0.1:${port}`, "CLUSTER", "INFO"));
  return info.includes("cluster_state:ok") && info.includes(`cluster_known_nodes:${MASTERS}`);
}

/** Start a real cluster of three masters that keep nothing on disk. */
export async function startCluster(options: readonly string[] = []) {
  const ports = await findFreePorts(MASTERS);
  const busPorts = await findFreePorts(MASTERS);
  const nodes = await Promise.all(
    ports.map((port, index) =>
      launchRedis([
        ...inMemory(port),
        ...["--cluster-enabled", "yes", "--cluster-port", `${busPorts[index]}`],
        ...["--cluster-config-file", `nodes-${port}.conf`, "--cluster-node-timeout", "2000"],
        ...options,
      ]),
    ),
  );
  const hosts = ports.map((port) => `127.0.0.1:${port}`);
  await promisify(execFile)("redis-cli", ["--cluster", "create", ...hosts, "--cluster-yes"]);
  while (!(await Promise.all(ports.map(isReady))).every(Boolean)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url: `redis+cluster://${hosts.join(",")}`,
    ports,
    nodes,
    async [Symbol.asyncDispose]() {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}
