import { BlockList, isIP } from "node:net";
import type { Plugin } from "graphql-yoga";

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i;

const addresses = new WeakMap<Request, string>();

/** The address that a request came from; null where it came over no socket. */
export function getClientAddress(request: Request): string | null {
  return addresses.get(request) ?? null;
}

function normalize(address: string): string {
  return MAPPED.exec(address)?.[1] ?? address;
}

function readFamily(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}

function createTrust(ranges: readonly string[]): (address: string) => boolean {
  const trusted = new BlockList();
  for (const range of ranges) {
    const [address = "", bits] = range.split("/");
    if (bits === undefined) trusted.addAddress(address, readFamily(address));
    else trusted.addSubnet(address, Number(bits), readFamily(address));
  }
  return (address) => isIP(address) !== 0 && trusted.check(address, readFamily(address));
}

/**
 * Reads the chain of `X-Forwarded-For` from its end, which the nearest proxy wrote, for as long as whoever
 * wrote an entry is trusted: anyone can write its beginning.
 */
function findClient(
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

function readSocketAddress(serverContext: unknown): string | undefined {
  const context: { req?: { socket?: { remoteAddress?: string } } } = Object(serverContext);
  return context.req?.socket?.remoteAddress;
}

/** Finds out where each request came from. Only the proxies in `trustedProxies` are believed. */
export function useClientAddress(trustedProxies: readonly string[]): Plugin {
  const isTrusted = createTrust(trustedProxies);
  return {
    onRequest({ request, serverContext }) {
      const socketAddress = readSocketAddress(serverContext);
      if (socketAddress === undefined) return;
      addresses.set(request, findClient(socketAddress, request.headers.get("x-forwarded-for"), isTrusted));
    },
  };
}
