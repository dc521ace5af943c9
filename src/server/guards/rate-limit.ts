import type { DocumentNode, GraphQLError } from "graphql";
import type { Plugin } from "graphql-yoga";
import type { FrontConfig } from "../../config.ts";
import type { Context } from "../../context.ts";
import { type Credential, nameOwner, parseCredential } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import { findOperation } from "../documents/find-operation.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";
import { findClientAddress, groupAddress } from "../http/client-address.ts";
import { createGuard } from "./guard.ts";
import type { RateStore } from "./types.ts";

const WINDOW_SECONDS = 60;

type Kind = "reads" | "writes";

function findKind(document: DocumentNode, operationName: unknown): Kind {
  return findOperation(document, operationName)?.operation === "mutation" ? "writes" : "reads";
}

function createRateError(waitMs: number): GraphQLError {
  const error = new GatewayError("RATE_LIMITED", "Too many operations: wait for retryAfterMs.", {
    retryAfterMs: waitMs,
  });
  return toGraphQLError(error, {
    status: 429,
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
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
  /** Count one operation. @returns the error for a caller that has to wait, or null. */
  const count = async (request: Request, caller: Credential | null, kind: Kind) => {
    const address = findClientAddress(request);
    const byAddress = counters.address[kind];
    const byCredential = counters.credential[kind];
    let waitMs = byAddress && address !== null ? await byAddress(groupAddress(address)) : 0;
    if (waitMs === 0 && byCredential && caller !== null) waitMs = await byCredential(nameOwner(caller));
    return waitMs > 0 ? createRateError(waitMs) : null;
  };
  return { count, none: Object.values(counters).every(({ reads, writes }) => !reads && !writes) };
}

/** Return the caller of a request, or null for one that names its workspace wrongly. */
function findCaller(request: Request): Credential | null {
  try {
    return parseCredential(request.headers);
  } catch {
    return null;
  }
}

/**
 * Limit the operations of one credential with its workspace, and of one IP address, with separate limits for reads and writes. A
 * request that fails before it is an operation, such as an invalid document, counts as a read.
 */
export function useRateLimit(limits: FrontConfig["rateLimits"], store: RateStore): Plugin<Context>[] {
  const { count, none } = createCounters(limits, store);
  if (none) return [];
  const counted = new WeakSet<Request>();
  const guard = createGuard(({ document, operationName, contextValue: { request, caller } }) => {
    counted.add(request);
    return count(request, caller, findKind(document, operationName));
  });
  const failures: Plugin<Context> = {
    async onResultProcess({ request, setResult }) {
      if (counted.has(request)) return;
      const error = await count(request, findCaller(request), "reads");
      if (error !== null) setResult({ errors: [error] });
    },
  };
  return [guard, failures];
}
