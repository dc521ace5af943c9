import { randomUUID } from "node:crypto";
import { groupAddress } from "../../http/client-address.ts";
import { createGate, type Gate } from "../backpressure.ts";

/** Time in milliseconds for a client to open the stream that it reserved. */
const RESERVATION_MS = 10_000;

/** A stream that a client reserved. Only the same credential with the same workspace can use it. */
export type Reservation = {
  /** Name of the caller. */
  readonly owner: string;
  /** Open while the client can receive more results. */
  readonly gate: Gate;
  /** Operations whose single result is not sent yet. A client that is disconnected would send them again. */
  awaited: number;
};

/** The reserved and open streams of a process, by token. */
export type Reservations = {
  /** Whether a caller, or all callers together, have as many streams as they may have. */
  isFull(owner: string): boolean;
  /** Whether a client address has as many streams as it may have. Its credentials may be made up. */
  isAddressFull(address: string): boolean;
  find(token: string): Reservation | null;
  /** Reserve a stream. @returns its token. */
  add(owner: string, address: string): string;
  /** Keep the reservation of a stream that is open. */
  keep(token: string): void;
  delete(token: string): void;
};

/** The most streams that are reserved or open in a process. */
export type ReservationLimits = {
  readonly perCaller: number;
  /** 0 means no limit. */
  readonly perAddress: number;
  readonly all: number;
};

/** Counts by name. */
type Counts = Map<string, number>;

function count(counts: Counts, name: string, change: 1 | -1): void {
  const present = (counts.get(name) ?? 0) + change;
  if (present === 0) counts.delete(name);
  else counts.set(name, present);
}

/**
 * Create the table of reservations. A reservation that is not kept in time is deleted, and `onExpire` is
 * called.
 */
export function createReservations(
  { perCaller, perAddress, all }: ReservationLimits,
  onExpire: (token: string) => void,
): Reservations {
  const reservations = new Map<
    string,
    Reservation & { readonly client: string; readonly expiry: NodeJS.Timeout }
  >();
  const owners: Counts = new Map();
  const clients: Counts = new Map();

  function remove(token: string): boolean {
    const reservation = reservations.get(token);
    if (reservation === undefined) return false;
    count(owners, reservation.owner, -1);
    count(clients, reservation.client, -1);
    return reservations.delete(token);
  }

  return {
    isFull: (owner) => reservations.size >= all || (owners.get(owner) ?? 0) >= perCaller,
    isAddressFull: (address) => perAddress > 0 && (clients.get(groupAddress(address)) ?? 0) >= perAddress,
    find: (token) => reservations.get(token) ?? null,
    add(owner, address) {
      const token = randomUUID();
      const client = groupAddress(address);
      const expire = () => {
        if (remove(token)) onExpire(token);
      };
      const expiry = setTimeout(expire, RESERVATION_MS).unref();
      count(owners, owner, 1);
      count(clients, client, 1);
      reservations.set(token, { owner, client, gate: createGate(), expiry, awaited: 0 });
      return token;
    },
    keep: (token) => clearTimeout(reservations.get(token)?.expiry),
    delete: (token) => void remove(token),
  };
}
