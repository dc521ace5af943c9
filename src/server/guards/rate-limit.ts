import type { GraphQLError } from "graphql";
import type { FrontConfig } from "../../config.ts";
import { nameOwner } from "../../credential.ts";
import { GatewayError } from "../../errors.ts";
import type { RequestFacts } from "../../request-facts.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";
import { groupAddress } from "../http/client-address.ts";
import type { RateStore } from "./types.ts";

const WINDOW_SECONDS = 60;

type Kind = "reads" | "writes";

function createRateError(waitMs: number): GraphQLError {
  const error = new GatewayError("RATE_LIMITED", "Too many operations: wait for retryAfterMs.", {
    retryAfterMs: waitMs,
  });
  return toGraphQLError(error, {
    status: 429,
    headers: { "retry-after": String(Math.ceil(waitMs / 1000)) },
  });
}

/** Count one operation. @returns the error for a caller that has to wait, or null */
export type RateLimit = (facts: RequestFacts, kind: Kind) => Promise<GraphQLError | null>;

/**
 * Create the limit of operations of one caller in one workspace, and of one IP address, with separate limits for
 * reads and writes. A request that fails before it is an operation, such as an invalid document, counts as a read.
 *
 * @returns null when no limit is set.
 */
export function createRateLimit(limits: FrontConfig["rateLimits"], store: RateStore): RateLimit | null {
  const create = (name: string, points: number) =>
    points === 0 ? null : store(name, points, WINDOW_SECONDS);
  const byCaller = {
    reads: create("credential-reads", limits.credential.reads),
    writes: create("credential-writes", limits.credential.writes),
  };
  const byAddress = {
    reads: create("address-reads", limits.address.reads),
    writes: create("address-writes", limits.address.writes),
  };
  const counters = [...Object.values(byCaller), ...Object.values(byAddress)];
  if (counters.every((counter) => counter === null)) return null;
  return async ({ address, caller }, kind) => {
    let waitMs = (await byAddress[kind]?.(groupAddress(address))) ?? 0;
    if (waitMs === 0 && caller !== null) waitMs = (await byCaller[kind]?.(nameOwner(caller))) ?? 0;
    return waitMs > 0 ? createRateError(waitMs) : null;
  };
}
