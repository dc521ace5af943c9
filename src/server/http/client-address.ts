import { BlockList, isIP } from "node:net";
import type { Logger } from "../../logger.ts";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

function normalize(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

function familyOf(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function createTrust(ranges: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    if (bits === undefined) trusted.addAddress(address, familyOf(address));
    else trusted.addSubnet(address, Number(bits), familyOf(address));
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, familyOf(address));
}

/**
 * Return the last address of `X-Forwarded-For` that no trusted proxy has. The header is read from its end,
 * which the nearest proxy wrote, because a client can write the beginning.
 */
function chooseClient(
  socketAddress: string,
  forwarded: string | null,
  isTrusted: (address: string) => boolean,
) {
  let client = normalize(socketAddress);
  for (const entry of (forwarded?.split(",") ?? []).reverse()) {
    const address = normalize(entry.trim());
    if (!isTrusted(client) || isIP(address) === 0) return client;
    client = address;
  }
  return client;
}

/** Return the client address of a connection, from the address of its socket and its `X-Forwarded-For`. */
export type AddressFinder = (socketAddress: string, forwarded: string | null) => string;

const PROXY_WARNING =
  "X-Forwarded-For arrives, but TRUSTED_PROXIES is empty. Behind a proxy, every client has the address of the proxy: set TRUSTED_PROXIES to it, so that limits by address count each client. This warning is logged once.";

/** Create the finder of client addresses. Only `X-Forwarded-For` of the `trustedProxies` is used. */
export function createAddressFinder(trustedProxies: readonly string[], log: Logger): AddressFinder {
  const isTrusted = createTrust(trustedProxies);
  let mayWarn = trustedProxies.length === 0;
  return (socketAddress, forwarded) => {
    if (mayWarn && forwarded !== null) {
      mayWarn = false;
      log.warn(PROXY_WARNING);
    }
    return chooseClient(socketAddress, forwarded, isTrusted);
  };
}

/** Return the /64 of an IPv6 address, because one client usually owns a whole /64. IPv4 stays as it is. */
export function groupAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.split("::");
  const heads = head.split(":").filter(Boolean);
  const tails = tail.split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - heads.length - tails.length) }, () => "0");
  return [...heads, ...zeros, ...tails].slice(0, 4).join(":");
}
