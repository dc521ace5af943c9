import { z } from "zod";

/** A server of the setting, by name or address. */
type RedisHost = { readonly host: string; readonly port: number };

/** Where Redis is, and how to sign in. */
export type RedisAddress = {
  /** One server, or sentinels that know the server, or nodes of a cluster. */
  readonly form: "single" | "sentinel" | "cluster";
  readonly hosts: readonly RedisHost[];
  readonly username: string | null;
  readonly password: string | null;
  readonly database: number;
  /** Name by which the sentinels know the server. Null in the other forms. */
  readonly masterName: string | null;
  readonly sentinelUsername: string | null;
  /** Null without TLS. */
  readonly tls: RedisTls | null;
};

/** Paths of PEM files, and the name that certificates are checked for instead of the host. */
type RedisTls = {
  readonly ca: string | null;
  readonly cert: string | null;
  readonly key: string | null;
  readonly servername: string | null;
};

const URL_FORM =
  /^redis(?<tls>s?)(?:\+(?<form>sentinel|cluster))?:\/\/(?:(?<user>[^:@/?#,]*)(?::(?<password>[^@/?#]*))?@)?(?<hosts>[^@/?#]+)(?:\/(?<path>[^?#]*))?(?:\?(?<query>[^#]*))?$/i;

const HOST_FORM = /^(?:\[(?<address>[0-9a-f:.]+)\]|(?<name>[^:[\]\s,]+))(?::(?<port>\d{1,5}))?$/i;

const DATABASE_FORM = /^\d{1,4}$/;

const TLS_OPTIONS = ["ca", "cert", "key", "servername"] as const;
const SENTINEL_USERNAME = "sentinelUsername";

const messages = {
  form: "must be a redis:// or rediss:// URL, or one with +sentinel or +cluster: see docs/redis.md",
  encoding: "must be percent-encoded: write special characters of a user name or password like %40",
  hosts: "must have hosts as host or host:port, comma-separated; a single server has one",
  path: "must end with the number of a database, with the name of the master for +sentinel, and with nothing for +cluster",
  options: `may have the options ${TLS_OPTIONS.join(", ")} with rediss, and ${SENTINEL_USERNAME} with +sentinel, once each`,
  identity: "must have the options cert and key together",
} as const;

/** Thrown for a wrong URL. The message never quotes it. */
class WrongUrl extends Error {}

function decode(text: string | undefined): string | null {
  if (text === undefined || text === "") return null;
  try {
    return decodeURIComponent(text);
  } catch {
    throw new WrongUrl(messages.encoding);
  }
}

function parseHost(text: string, defaultPort: number): RedisHost {
  const { address, name, port } = HOST_FORM.exec(text)?.groups ?? {};
  const host = address ?? name;
  const number = port === undefined ? defaultPort : Number(port);
  if (host === undefined || number < 1 || number > 65_535) throw new WrongUrl(messages.hosts);
  return { host, port: number };
}

function parseHosts(text: string, form: RedisAddress["form"]): RedisHost[] {
  const hosts = text.split(",").map((host) => parseHost(host, form === "sentinel" ? 26_379 : 6_379));
  if (form === "single" && hosts.length > 1) throw new WrongUrl(messages.hosts);
  return hosts;
}

/** Parse the path: `/database`, or `/master/database` for sentinels. A cluster has only the database 0. */
function parsePath(path: string, form: RedisAddress["form"]) {
  const parts = path === "" ? [] : path.split("/");
  const masterName = form === "sentinel" ? decode(parts.shift()) : null;
  const [database = "0", ...rest] = parts;
  const isWrong =
    rest.length > 0 ||
    !DATABASE_FORM.test(database) ||
    (form === "sentinel" && masterName === null) ||
    (form === "cluster" && database !== "0");
  if (isWrong) throw new WrongUrl(messages.path);
  return { masterName, database: Number(database) };
}

function parseOptions(query: string, form: RedisAddress["form"], isTls: boolean) {
  const given = [...new URLSearchParams(query)];
  const known = [...(isTls ? TLS_OPTIONS : []), ...(form === "sentinel" ? [SENTINEL_USERNAME] : [])];
  const options = new Map(given);
  if (options.size < given.length || given.some(([name, value]) => !known.includes(name) || value === "")) {
    throw new WrongUrl(messages.options);
  }
  const find = (name: string) => options.get(name) ?? null;
  const [ca, cert, key, servername] = [find("ca"), find("cert"), find("key"), find("servername")];
  if ((cert === null) !== (key === null)) throw new WrongUrl(messages.identity);
  return { sentinelUsername: find(SENTINEL_USERNAME), tls: isTls ? { ca, cert, key, servername } : null };
}

/** Parse the URL of a server, of sentinels or of a cluster. @throws {WrongUrl} */
function parse(text: string): RedisAddress {
  const groups = URL_FORM.exec(text)?.groups;
  if (groups === undefined) throw new WrongUrl(messages.form);
  const { tls, form: suffix, user, password, hosts = "", path = "", query = "" } = groups;
  const form = suffix === undefined ? "single" : suffix.toLowerCase() === "sentinel" ? "sentinel" : "cluster";
  return {
    form,
    hosts: parseHosts(hosts, form),
    username: decode(user),
    password: decode(password),
    ...parsePath(path, form),
    ...parseOptions(query, form, tls !== ""),
  };
}

/** The URL of Redis: one server, sentinels or a cluster. */
export const redisUrl = z.string().transform((text, context): RedisAddress => {
  try {
    return parse(text);
  } catch (error) {
    if (!(error instanceof WrongUrl)) throw error;
    context.addIssue({ code: "custom", message: error.message });
    return z.NEVER;
  }
});
