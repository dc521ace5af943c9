import type { GraphQLError } from "graphql";
import type { ErrorCode } from "../../error-catalog.ts";
import { errorMessages } from "../../error-messages.ts";
import { GatewayError } from "../../errors.ts";
import type { RequestFacts } from "../../request-facts.ts";
import { toGraphQLError } from "../errors/protocol-error.ts";

/** Statuses of requests whose sender may not act. Every other one is a bad request. */
const statuses: Readonly<Partial<Record<ErrorCode, number>>> = {
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  SIGN_IN_UNAVAILABLE: 503,
};

/** Find out why the sender of an operation may not act. Its connection can be older than the end of its token. */
function findReason({ refusal, expiresAt }: RequestFacts): GatewayError | null {
  if (refusal !== null || expiresAt === null || expiresAt > Date.now()) return refusal;
  return new GatewayError("UNAUTHENTICATED", errorMessages.tokenExpired);
}

/** Return the error of an operation whose sender was not identified, or whose token has expired. Null for all others. */
export function findRefusal(facts: RequestFacts): GraphQLError | null {
  const reason = findReason(facts);
  return reason && toGraphQLError(reason, { spec: true, status: statuses[reason.code] ?? 400 });
}
