import { randomUUID } from "node:crypto";
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
  find(token: string): Reservation | null;
  /** Reserve a stream. @returns its token. */
  add(owner: string): string;
  /** Keep the reservation of a stream that is open. */
  keep(token: string): void;
  delete(token: string): void;
};

/** The most streams that are reserved or open in a process. */
export type ReservationLimits = { readonly perCaller: number; readonly all: number };

/**
 * Create the table of reservations. A reservation that is not kept in time is deleted, and `onExpire` is
 * called.
 */
export function createReservations(
  { perCaller, all }: ReservationLimits,
  onExpire: (token: string) => void,
): Reservations {
  const reservations = new Map<string, Reservation & { readonly expiry: NodeJS.Timeout }>();
  /** Number of reservations by caller. */
  const counts = new Map<string, number>();

  function remove(token: string): boolean {
    const owner = reservations.get(token)?.owner;
    if (owner === undefined) return false;
    const left = (counts.get(owner) ?? 1) - 1;
    if (left === 0) counts.delete(owner);
    else counts.set(owner, left);
    return reservations.delete(token);
  }

  return {
    isFull: (owner) => reservations.size >= all || (counts.get(owner) ?? 0) >= perCaller,
    find: (token) => reservations.get(token) ?? null,
    add(owner) {
      const token = randomUUID();
      const expire = () => {
        if (remove(token)) onExpire(token);
      };
      const expiry = setTimeout(expire, RESERVATION_MS).unref();
      counts.set(owner, (counts.get(owner) ?? 0) + 1);
      reservations.set(token, { owner, gate: createGate(), expiry, awaited: 0 });
      return token;
    },
    keep: (token) => clearTimeout(reservations.get(token)?.expiry),
    delete: (token) => void remove(token),
  };
}
