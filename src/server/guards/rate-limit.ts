import { type DocumentNode, GraphQLError, getOperationAST } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { FrontConfig } from "../../config.ts";
import type { Context } from "../../context.ts";
import { type Credential, nameForStore, readCredential } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import { getClientAddress } from "../http/client-address.ts";

const WINDOW_SECONDS = 60;

/** Counts one operation of `key`. @returns how long it has to wait, in milliseconds; 0 when it may go. */
export type RateCounter = (key: string) => Promise<number>;

/** Makes a counter that lets `points` operations through in so many seconds. `name` is its own in the store. */
export type RateStore = (name: string, points: number, seconds: number) => RateCounter;

type Kind = "reads" | "writes";

/** IPv6 hands out a /64 at least, so its owner counts as one. */
function groupAddress(address: string): string {
  if (!address.includes(":")) return address;
  const [head = "", tail = ""] = address.split("::");
  const heads = head.split(":").filter(Boolean);
  const tails = tail.split(":").filter(Boolean);
  const zeros = Array.from({ length: Math.max(0, 8 - heads.length - tails.length) }, () => "0");
  return [...heads, ...zeros, ...tails].slice(0, 4).join(":");
}

function readKind(document: DocumentNode, operationName: unknown): Kind {
  const name = typeof operationName === "string" ? operationName : undefined;
  return getOperationAST(document, name)?.operation === "mutation" ? "writes" : "reads";
}

function createRefusal(waitMs: number): GraphQLError {
  const error = new GatewayError("RATE_LIMITED", "Too many operations: wait for retryAfterMs.", {
    retryAfterMs: waitMs,
  });
  const headers = { "retry-after": String(Math.ceil(waitMs / 1000)) };
  return new GraphQLError(error.message, {
    originalError: error,
    extensions: { http: { status: 429, headers } },
  });
}

function createCounters(limits: FrontConfig["rateLimits"], store: RateStore) {
  const create = (name: string, points: number) =>
    points === 0 ? null : store(name, points, WINDOW_SECONDS);
  const counters = {
    credential: {
      reads: create("credential-reads", limits.credential.reads),
      writes: create("credential-writes", limits.credential.writes),
    },
    address: {
      reads: create("address-reads", limits.address.reads),
      writes: create("address-writes", limits.address.writes),
    },
  };
  const spend = async (request: Request, caller: Credential | null, kind: Kind): Promise<number> => {
    const address = getClientAddress(request);
    const byAddress = counters.address[kind];
    const waitMs = byAddress && address !== null ? await byAddress(groupAddress(address)) : 0;
    if (waitMs > 0) return waitMs;
    const byCredential = counters.credential[kind];
    return byCredential && caller !== null ? byCredential(nameForStore(caller)) : 0;
  };
  return { spend, none: Object.values(counters).every(({ reads, writes }) => !reads && !writes) };
}

/**
 * Limits the operations of one credential and of one IP address, reads and writes apart. What does not get as
 * far as an operation, such as a document with errors, counts as a read.
 */
export function useRateLimit(limits: FrontConfig["rateLimits"], store: RateStore): Plugin<Context>[] {
  const { spend, none } = createCounters(limits, store);
  if (none) return [];
  const counted = new WeakSet<Request>();
  type Started = {
    args: {
      document: DocumentNode;
      operationName?: unknown;
      contextValue: { request: Request; caller: Credential | null };
    };
    setResultAndStopExecution(result: { errors: GraphQLError[] }): void;
  };
  const check = async ({ args, setResultAndStopExecution }: Started): Promise<void> => {
    const { request, caller } = args.contextValue;
    counted.add(request);
    const waitMs = await spend(request, caller, readKind(args.document, args.operationName));
    if (waitMs > 0) setResultAndStopExecution({ errors: [createRefusal(waitMs)] });
  };
  const plugin: Plugin<Context> = {
    onExecute: check,
    onSubscribe: check,
    async onResultProcess({ request, setResult }) {
      if (counted.has(request)) return;
      const waitMs = await spend(request, readCredential(request.headers), "reads");
      if (waitMs > 0) setResult({ errors: [createRefusal(waitMs)] });
    },
  };
  return [plugin];
}
