import { BlockList, isIP } from "node:net";
import type { Plugin } from "graphql-yoga";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

const addresses = new WeakMap<Request, string>();

/** Return the client address of a request, or null for a request without a socket. */
export function findClientAddress(request: Request): string | null {
  return addresses.get(request) ?? null;
}

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

function findSocketAddress(serverContext: unknown): string | undefined {
  const context: { req?: { socket?: { remoteAddress?: string } } } = Object(serverContext);
  return context.req?.socket?.remoteAddress;
}

/** Find the client address of each request. Only `X-Forwarded-For` of the `trustedProxies` is used. */
export function useClientAddress(trustedProxies: readonly string[]): Plugin {
  const isTrusted = createTrust(trustedProxies);
  return {
    onRequest({ request, serverContext }) {
      const socketAddress = findSocketAddress(serverContext);
      if (socketAddress === undefined) return;
      addresses.set(request, chooseClient(socketAddress, request.headers.get("x-forwarded-for"), isTrusted));
    },
  };
}
