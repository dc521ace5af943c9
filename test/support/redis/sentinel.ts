import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "../upstream/listen.ts";
import { command } from "./command.ts";
import { launchRedis, startRedis } from "./server.ts";

const SENTINELS = 3;
const PASSWORD = "redis-secret";
const SENTINEL_PASSWORD = "sentinel-secret";

const writeSettings = (port: number, masterPort: number, directory: string, watcherRule: string) => `
port ${port}
bind 127.0.0.1
dir ${directory}
requirepass ${SENTINEL_PASSWORD}
user watcher on >${SENTINEL_PASSWORD} resetchannels ${watcherRule}
sentinel sentinel-pass ${SENTINEL_PASSWORD}
sentinel monitor main 127.0.0.1 ${masterPort} 2
sentinel auth-pass main ${PASSWORD}
sentinel down-after-milliseconds main 1500
sentinel failover-timeout main 4000
`;

/**
 * Start a master with a replica, and three sentinels that watch them. All need a password.
 *
 * @param watcherRule - what the sentinels permit to the user of the URL
 */
export async function startSentinels(watcherRule: string) {
  const directory = await mkdtemp(join(tmpdir(), "cvm-gateway-sentinel-"));
  const secrets = ["--requirepass", PASSWORD, "--masterauth", PASSWORD];
  const first = await startRedis(undefined, secrets);
  const options = [...secrets, "--replicaof", `127.0.0.1 ${first.port}`, "--repl-diskless-sync-delay", "0"];
  const second = await startRedis(undefined, options);
  const sentinels = await Promise.all(
    Array.from({ length: SENTINELS }, async () => {
      const port = await findFreePort();
      const path = join(directory, `sentinel-${port}.conf`);
      await writeFile(path, writeSettings(port, first.port, directory, watcherRule));
      return { port, process: await launchRedis([path, "--sentinel"]) };
    }),
  );
  const [{ port: anyPort } = { port: 0 }] = sentinels;
  const ask = (port: number, ...values: string[]) =>
    command(`redis://:${SENTINEL_PASSWORD}@127.0.0.1:${port}`, "SENTINEL", ...values);
  const findMaster = async () => Number(Object(await ask(anyPort, "GET-MASTER-ADDR-BY-NAME", "main"))[1]);

  /** Wait until the replica has its data, and every sentinel knows the other ones and the replica. */
  async function untilComplete(): Promise<void> {
    const replica = `redis://:${PASSWORD}@127.0.0.1:${second.port}`;
    while (!String(await command(replica, "INFO", "replication")).includes("master_link_status:up")) {
      await sleep(50);
    }
    for (const { port } of sentinels) {
      for (;;) {
        const facts = JSON.stringify(await ask(port, "MASTER", "main"));
        if (/"?num-slaves"?[:,]"1"/.test(facts) && /"?num-other-sentinels"?[:,]"2"/.test(facts)) break;
        await sleep(100);
      }
    }
  }

  /** Wait until the sentinels name another master than this one. */
  async function untilReplaced(port: number): Promise<void> {
    while ((await findMaster()) === port) await sleep(50);
  }

  await untilComplete();
  return {
    url: `redis+sentinel://:${PASSWORD}@${sentinels.map(({ port }) => `127.0.0.1:${port}`).join(",")}/main?sentinelUsername=watcher`,
    sentinelPassword: SENTINEL_PASSWORD,
    /** Cut the replica off, so that it gets no more data. It can still become the master. */
    async cutReplica(): Promise<void> {
      const url = (port: number) => `redis://:${PASSWORD}@127.0.0.1:${port}`;
      await command(url(second.port), "CONFIG", "SET", "masterauth", "wrong");
      await command(url(first.port), "CLIENT", "KILL", "TYPE", "replica");
    },
    /** Kill the master (SIGKILL), and wait until its replica is the master. */
    async killMaster(): Promise<void> {
      const port = await findMaster();
      await (port === first.port ? first : second).stop();
      await untilReplaced(port);
    },
    /** Let the sentinels exchange the two servers, and wait until they have done so. */
    async switchMaster(): Promise<void> {
      const port = await findMaster();
      await ask(anyPort, "FAILOVER", "main");
      await untilReplaced(port);
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([first.stop(), second.stop(), ...sentinels.map((one) => one.process.stop())]);
      await rm(directory, { recursive: true });
    },
  };
}
