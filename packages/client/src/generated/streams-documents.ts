// Made from schema.graphql by `npm run generate:client`. Do not edit.
import { typeDocument } from "../requests/typed-document.ts";
import type { CvmStatus, OperationStatus } from "./types.ts";

/** Result of {@link FollowOperationDocument}. */
export type FollowOperationData = { readonly operation: { readonly id: string; readonly correlationId: string; readonly type: string; readonly status: OperationStatus; readonly targetState: string | null; readonly startedAt: string | null; readonly completedAt: string | null; readonly durationMs: number | null; readonly errorMessage: string | null; readonly step: string | null; readonly percent: number } };
/** Variables of {@link FollowOperationDocument}. */
export type FollowOperationVariables = { readonly cvmId: string; readonly correlationId: string; };
/**
 * The subscription `FollowOperation`.
 *
 * @example
 * ```ts
 * sse.subscribe({ query: FollowOperationDocument, variables: { cvmId, correlationId } }, sink);
 * ```
 */
export const FollowOperationDocument = /* @__PURE__ */ typeDocument<FollowOperationData, FollowOperationVariables>(
  "subscription FollowOperation($cvmId:ID!$correlationId:ID!){operation(cvmId:$cvmId correlationId:$correlationId){...OperationFields}}fragment OperationFields on Operation{id correlationId type status targetState startedAt completedAt durationMs errorMessage step percent}",
);

/** Result of {@link WatchStateDocument}. */
export type WatchStateData = { readonly cvmState: { readonly status: CvmStatus; readonly rawStatus: string; readonly inProgress: boolean; readonly bootProgress: string | null; readonly bootError: string | null; readonly shutdownProgress: string | null; readonly operation: { readonly type: string | null; readonly startedAt: string | null; readonly correlationId: string | null } | null } };
/** Variables of {@link WatchStateDocument}. */
export type WatchStateVariables = { readonly id: string; };
/**
 * The subscription `WatchState`.
 *
 * @example
 * ```ts
 * sse.subscribe({ query: WatchStateDocument, variables: { id } }, sink);
 * ```
 */
export const WatchStateDocument = /* @__PURE__ */ typeDocument<WatchStateData, WatchStateVariables>(
  "subscription WatchState($id:ID!){cvmState(id:$id){...StateFields}}fragment StateFields on CvmState{status rawStatus inProgress bootProgress bootError shutdownProgress operation{type startedAt correlationId}}",
);
