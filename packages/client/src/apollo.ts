import type { FieldFunctionOptions, FieldPolicy, StoreObject, TypePolicies } from "@apollo/client";
import { relayStylePagination } from "@apollo/client/utilities";
import { connectionFields, operationValueTypes, unkeyedTypes, valueTypes } from "./generated/type-lists.ts";

/* Entry point `@cvm-gateway/client/apollo`. It imports `@apollo/client`, 4 or newer, which the app installs. */

export { possibleTypes } from "./possible-types.ts";

/**
 * Type policies for `InMemoryCache` of Apollo Client:
 *
 * - Objects without an id, such as `Cvm.resources`, keep the fields that an earlier query has read. Without this, two
 *   queries with different fields overwrite each other's data.
 * - Pages of `Query.cvms`, `Cvm.operations` and `Cvm.revisions` are joined, both their `edges` and their `nodes`, so
 *   `fetchMore` needs no `updateQuery`. Queries of the same connection share its pages, and one without `after` starts
 *   them anew. To keep pages apart, give one of them a name: `cvms(first: 3) @connection(key: "newest") { … }`.
 *
 * @example
 * ```ts
 * import { InMemoryCache } from "@apollo/client";
 * import { possibleTypes, typePolicies } from "@cvm-gateway/client/apollo";
 *
 * const cache = new InMemoryCache({ possibleTypes, typePolicies });
 * ```
 */
export const typePolicies: TypePolicies = createTypePolicies();

function createTypePolicies(): TypePolicies {
  const operationValues: ReadonlySet<string> = new Set(operationValueTypes);
  const policies: TypePolicies = {};
  for (const name of valueTypes) {
    policies[name] = { merge: operationValues.has(name) ? mergeSameOperation : true };
  }
  for (const name of unkeyedTypes) policies[name] = { ...policies[name], keyFields: false };
  for (const [name, fields] of Object.entries(connectionFields)) {
    const pagination = fields.map((field): [string, FieldPolicy] => [field, createPagination()]);
    policies[name] = { ...policies[name], fields: Object.fromEntries(pagination) };
  }
  return policies;
}

/** Data about two operations must not be mixed: a new operation replaces the one before. */
function mergeSameOperation(
  existing: StoreObject | null | undefined,
  incoming: StoreObject | null,
  { mergeObjects }: FieldFunctionOptions,
) {
  if (!existing || !incoming) return incoming;
  const { correlationId } = incoming;
  const isSame = correlationId !== undefined && existing["correlationId"] === correlationId;
  return isSame ? mergeObjects(existing, incoming) : incoming;
}

/** Nodes of the pages that were read, and how many there are up to each cursor. */
type Pages = {
  readonly nodes?: readonly unknown[];
  readonly counts?: Readonly<Record<string, number>>;
  readonly pageInfo?: { readonly endCursor?: string | null };
};

/** Pagination of Relay, which joins `edges`, and the same for `nodes`. */
function createPagination(): FieldPolicy {
  const relay = relayStylePagination(["@connection", ["key"]]);
  const { merge, ...policy } = relay;
  if (typeof merge !== "function") return relay;
  return {
    ...policy,
    merge(existing, incoming, options) {
      return { ...merge(existing, incoming, options), ...joinNodes(existing, incoming, options.args) };
    },
  };
}

function joinNodes(
  existing: Pages | null | undefined,
  incoming: Pages | null | undefined,
  args: Readonly<Record<string, unknown>> | null,
): Pages {
  const nodes = incoming?.nodes;
  if (nodes === undefined) return existing?.nodes === undefined ? {} : pick(existing);
  const after = args?.["after"];
  const start = typeof after === "string" ? (existing?.counts?.[after] ?? 0) : 0;
  const joined = [...(existing?.nodes ?? []).slice(0, start), ...nodes];
  const end = incoming?.pageInfo?.endCursor;
  const counts = start === 0 ? {} : existing?.counts;
  return { nodes: joined, counts: { ...counts, ...(end && { [end]: joined.length }) } };
}

function pick({ nodes = [], counts = {} }: Pages): Pages {
  return { nodes, counts };
}
