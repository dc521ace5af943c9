import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { ConnectionOptions } from "node:tls";
import type { Cluster, Redis } from "ioredis";
import { StartupError } from "../errors.ts";
import type { RedisAddress } from "../settings/redis-url.ts";
import { redisTimes } from "./limits.ts";

/** What the gateway needs of a client of one server, of sentinels or of a cluster. */
export type RedisClient = Redis | Cluster;

/** Load the client when it is needed, because most gateways run without Redis. */
function loadClient(): typeof import("ioredis") {
  return createRequire(import.meta.url)("ioredis");
}

function readPem(path: string | null, option: string): { readonly [name: string]: Buffer } {
  if (path === null) return {};
  try {
    return { [option]: readFileSync(path) };
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new StartupError(`REDIS_URL: the file of the option ${option} cannot be read${code}`);
  }
}

function readTls({ tls }: RedisAddress): ConnectionOptions | null {
  if (tls === null) return null;
  return {
    ...readPem(tls.ca, "ca"),
    ...readPem(tls.cert, "cert"),
    ...readPem(tls.key, "key"),
    ...(tls.servername === null ? {} : { servername: tls.servername }),
  };
}

function chooseDelay(attempt: number): number {
  return Math.min(attempt * 100, redisTimes.maxReconnectDelay);
}

/**
 * Create the rule by which a master that became a replica is left: the name in the URL, or the sentinels, may lead to
 * another server now. If they lead to the same one, the gateway does not connect again and again.
 */
function createLeavingRule(): (error: Error) => boolean {
  let leftAt = -redisTimes.maxReconnectDelay;
  return ({ message }) => {
    const now = performance.now();
    if (!message.startsWith("READONLY") || now - leftAt < redisTimes.maxReconnectDelay) return false;
    leftAt = now;
    return true;
  };
}

/**
 * Connect again when a server refuses the database of the URL. The client alone would use database 0, where other
 * gateways find neither the locks nor the keys of this one.
 */
function refuseOtherDatabase(client: Redis): Redis {
  return client.on("error", (error: unknown) => {
    if (!(error instanceof Error) || !("command" in error)) return;
    if (Object(error.command).name === "select") client.disconnect(true);
  });
}

/**
 * Options of each connection. When a connection ends, its commands fail: they are never sent again, because the next
 * server may be another one.
 */
function createOptions(address: RedisAddress, tls: ConnectionOptions | null) {
  const { username, password, database } = address;
  return {
    ...(username === null ? {} : { username }),
    ...(password === null ? {} : { password }),
    ...(tls === null ? {} : { tls }),
    db: database,
    commandTimeout: redisTimes.command,
    connectTimeout: redisTimes.command,
    socketTimeout: redisTimes.silence,
    maxRetriesPerRequest: 0,
    autoResendUnfulfilledCommands: false,
    disableClientInfo: true,
    retryStrategy: chooseDelay,
    reconnectOnError: createLeavingRule(),
  };
}

/**
 * Open a client that connects, and connects again, in the background.
 *
 * @param sentinelPassword - null for sentinels without a password
 * @throws {StartupError} for a file that cannot be read
 */
export function openClient(address: RedisAddress, sentinelPassword: string | null): RedisClient {
  const client = loadClient();
  const tls = readTls(address);
  const options = createOptions(address, tls);
  const hosts = [...address.hosts];
  if (address.form === "cluster") {
    const { retryStrategy: _retry, db: _db, ...redisOptions } = options;
    return new client.Cluster(hosts, {
      redisOptions,
      clusterRetryStrategy: chooseDelay,
      slotsRefreshTimeout: redisTimes.command,
      slotsRefreshInterval: redisTimes.slotsRefresh,
      // Certificates are for names, so names are not replaced by addresses.
      dnsLookup: (host, callback) => callback(null, host),
    });
  }
  // Commands wait in shared-redis.ts, where one that has timed out is never sent.
  const single = { ...options, enableOfflineQueue: false };
  if (address.form === "single") return refuseOtherDatabase(new client.Redis({ ...single, ...hosts[0] }));
  const { masterName, sentinelUsername } = address;
  const watched = new client.Redis({
    ...single,
    sentinels: hosts,
    ...(masterName === null ? {} : { name: masterName }),
    ...(sentinelUsername === null ? {} : { sentinelUsername }),
    ...(sentinelPassword === null ? {} : { sentinelPassword }),
    ...(tls === null ? {} : { sentinelTLS: tls, enableTLSForSentinelMode: true }),
    sentinelCommandTimeout: redisTimes.command,
    sentinelRetryStrategy: chooseDelay,
    // A master that is cut off from the sentinels is left, although it still answers.
    failoverDetector: true,
  });
  return refuseOtherDatabase(watched);
}
