import type { Duplex } from "node:stream";
import { groupAddress } from "../../http/client-address.ts";

/** Count a socket of a client address until it is closed. @returns false when the address has too many */
export type SocketAdmission = (address: string, socket: Duplex) => boolean;

/** Create the count of open sockets by client address. A `max` of 0 means no limit. */
export function createSocketAdmission(max: number): SocketAdmission {
  const counts = new Map<string, number>();
  return (address, socket) => {
    const client = groupAddress(address);
    const count = counts.get(client) ?? 0;
    if (max > 0 && count >= max) return false;
    counts.set(client, count + 1);
    socket.once("close", () => {
      const left = (counts.get(client) ?? 1) - 1;
      if (left === 0) counts.delete(client);
      else counts.set(client, left);
    });
    return true;
  };
}
