import type { RedisAddress } from "../settings/redis-url.ts";
import { RedisTimeoutError } from "./failure.ts";
import { redisTimes } from "./limits.ts";
import { openClient, type RedisClient } from "./open-client.ts";
import type { SharedRedis } from "./types.ts";

/** The state of a connection for the commands that need it. */
type Connection = {
  /**
   * Wait for the connection. While it is made, a command waits for its outcome. While it is known to fail, the
   * command fails immediately.
   */
  untilReady(): Promise<void>;
};

/** Listen to the errors of a client, without those that only follow from the end of its connection. */
function onClientError(client: RedisClient, listener: (error: unknown) => void): void {
  client.on("error", (error: unknown) => {
    if (error instanceof Error && error.message.startsWith("Stream isn't writeable")) return;
    listener(error);
  });
}

function watchConnection(client: RedisClient): Connection {
  let failure: Error | null = null;
  let wasReady = false;
  const waiting = new Set<(failed: Error | null) => void>();
  const settle = (failed: Error | null) => {
    failure = failed;
    for (const continues of waiting) continues(failed);
    waiting.clear();
  };
  client.on("ready", () => {
    wasReady = true;
    settle(null);
  });
  onClientError(client, (error) => {
    if (client.status !== "ready") settle(error instanceof Error ? error : new Error("unknown"));
  });
  client.on("close", () => {
    // After the end of a connection, commands wait for the next one. An attempt can also fail without an error.
    if (!wasReady) settle(failure ?? new Error("The connection was closed."));
    wasReady = false;
  });
  return {
    async untilReady() {
      if (client.status === "ready") return;
      const failed = failure ?? (await new Promise<Error | null>((resolve) => waiting.add(resolve)));
      if (failed !== null) throw failed;
    },
  };
}

/** Run a command with a time limit of its own. In a cluster, the client alone could wait for a master forever. */
async function runInTime<T>(connection: Connection, command: () => Promise<T>): Promise<T> {
  const { promise: timeout, reject } = Promise.withResolvers<never>();
  let hasEnded = false;
  const timer = setTimeout(() => {
    hasEnded = true;
    reject(new RedisTimeoutError());
  }, redisTimes.command);
  const run = async () => {
    await connection.untilReady();
    if (hasEnded) throw new RedisTimeoutError();
    return command();
  };
  try {
    return await Promise.race([run(), timeout]);
  } catch (error) {
    throw isTimeout(error) ? new RedisTimeoutError() : error;
  } finally {
    clearTimeout(timer);
  }
}

/** Whether the client itself gave a command up. */
function isTimeout(error: unknown): boolean {
  return error instanceof Error && error.message === "Command timed out";
}

function toText(value: unknown): string {
  return typeof value === "string" ? value : "";
}

/**
 * Connect to the Redis that several gateways share. It is not an error if it cannot be reached: the connection is
 * made in the background.
 *
 * @param sentinelPassword - null for sentinels without a password
 * @param onError - called when a connection fails
 * @throws {StartupError} for a file of the URL that cannot be read
 */
export function connectRedis(
  address: RedisAddress,
  sentinelPassword: string | null,
  onError: (error: unknown) => void,
): SharedRedis {
  const client = openClient(address, sentinelPassword);
  const connection = watchConnection(client);
  onClientError(client, onError);
  client.on("node error", onError);
  const run = <T>(command: () => Promise<T>) => runInTime(connection, command);
  return {
    isCluster: address.form === "cluster",
    set: async (key, value, ttlMs) => void (await run(() => client.set(key, value, "PX", ttlMs))),
    setIfAbsent: (key, value, ttlMs) => run(() => client.set(key, value, "PX", ttlMs, "NX", "GET")),
    get: (key) => run(() => client.get(key)),
    pttl: (key) => run(() => client.pttl(key)),
    eval: (script, keys, values) => run(() => client.eval(script, keys.length, ...keys, ...values)),
    listServerInfo: () =>
      run(async () => {
        const masters = "nodes" in client ? client.nodes("master") : [client];
        return Promise.all(masters.map(async (master) => toText(await master.info("server"))));
      }),
    onReady(listener) {
      client.on("ready", listener);
      if (client.status === "ready") listener();
    },
    close: () => client.disconnect(),
  };
}
