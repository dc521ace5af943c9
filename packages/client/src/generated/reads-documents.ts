// Made from schema.graphql by `npm run generate:client`. Do not edit.
import { typeDocument } from "../requests/typed-document.ts";
import type { CvmStatus, KmsType, OperationStatus, PlanSeverity, ConfigureCvmInput } from "./types.ts";

/** Result of {@link ListCvmsDocument}. */
export type ListCvmsData = { readonly cvms: { readonly totalCount: number; readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }; readonly nodes: readonly ({ readonly id: string; readonly name: string; readonly appId: string | null; readonly status: CvmStatus; readonly inProgress: boolean; readonly configVersion: string; readonly resources: { readonly instanceType: string | null; readonly vcpu: number | null; readonly memoryMb: number | null; readonly diskSizeGb: number | null } })[] } };
/** Variables of {@link ListCvmsDocument}. */
export type ListCvmsVariables = { readonly first?: number | null | undefined; readonly after?: string | null | undefined; };
/**
 * The query `ListCvms`.
 *
 * @example
 * ```ts
 * const data = await client.query(ListCvmsDocument, { first, after });
 * ```
 */
export const ListCvmsDocument = /* @__PURE__ */ typeDocument<ListCvmsData, ListCvmsVariables>(
  "query ListCvms($first:Int$after:String){cvms(first:$first after:$after){totalCount pageInfo{hasNextPage endCursor}nodes{id name appId status inProgress configVersion resources{instanceType vcpu memoryMb diskSizeGb}}}}",
);

/** Result of {@link ReadCvmDocument}. */
export type ReadCvmData = { readonly cvm: { readonly id: string; readonly name: string; readonly appId: string | null; readonly vmUuid: string | null; readonly status: CvmStatus; readonly rawStatus: string; readonly inProgress: boolean; readonly progress: { readonly target: string; readonly startedAt: string | null; readonly correlationId: string | null } | null; readonly configVersion: string; readonly resources: { readonly instanceType: string | null; readonly vcpu: number | null; readonly memoryMb: number | null; readonly diskSizeGb: number | null; readonly gpuCount: number | null; readonly hourlyRate: string | null }; readonly os: { readonly name: string | null; readonly version: string | null } | null; readonly visibility: { readonly publicLogs: boolean; readonly publicSysinfo: boolean; readonly publicTcbinfo: boolean }; readonly kms: { readonly type: KmsType | null; readonly requiresOnChainHash: boolean; readonly chainId: number | null }; readonly endpoints: readonly ({ readonly app: string | null; readonly instance: string | null })[]; readonly createdAt: string | null } | null };
/** Variables of {@link ReadCvmDocument}. */
export type ReadCvmVariables = { readonly id: string; };
/**
 * The query `ReadCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadCvmDocument, { id });
 * ```
 */
export const ReadCvmDocument = /* @__PURE__ */ typeDocument<ReadCvmData, ReadCvmVariables>(
  "query ReadCvm($id:ID!){cvm(id:$id){id name appId vmUuid status rawStatus inProgress progress{target startedAt correlationId}configVersion resources{instanceType vcpu memoryMb diskSizeGb gpuCount hourlyRate}os{name version}visibility{publicLogs publicSysinfo publicTcbinfo}kms{type requiresOnChainHash chainId}endpoints{app instance}createdAt}}",
);

/** Result of {@link ReadConfigurationDocument}. */
export type ReadConfigurationData = { readonly cvm: { readonly id: string; readonly configVersion: string; readonly dockerCompose: string | null; readonly preLaunchScript: string | null; readonly compose: { readonly hash: string | null; readonly allowedEnvs: readonly (string)[] } | null; readonly envEncryptionKey: { readonly publicKey: string; readonly signature: string | null } | null } | null };
/** Variables of {@link ReadConfigurationDocument}. */
export type ReadConfigurationVariables = { readonly id: string; };
/**
 * The query `ReadConfiguration`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadConfigurationDocument, { id });
 * ```
 */
export const ReadConfigurationDocument = /* @__PURE__ */ typeDocument<ReadConfigurationData, ReadConfigurationVariables>(
  "query ReadConfiguration($id:ID!){cvm(id:$id){id configVersion dockerCompose preLaunchScript compose{hash allowedEnvs}envEncryptionKey{publicKey signature}}}",
);

/** Result of {@link PlanConfigurationDocument}. */
export type PlanConfigurationData = { readonly planCvmConfiguration: { readonly configVersion: string; readonly changes: readonly ({ readonly field: string; readonly before: string | null; readonly after: string | null })[]; readonly restarts: boolean; readonly composeHashBefore: string | null; readonly composeHashAfter: string | null; readonly requiresOnChainHash: boolean; readonly hashAlreadyAllowed: boolean | null; readonly envKeysAdded: readonly (string)[]; readonly envKeysRemoved: readonly (string)[]; readonly problems: readonly ({ readonly severity: PlanSeverity; readonly code: string; readonly message: string; readonly field: string | null; readonly line: number | null; readonly column: number | null })[] } };
/** Variables of {@link PlanConfigurationDocument}. */
export type PlanConfigurationVariables = { readonly input: ConfigureCvmInput; };
/**
 * The query `PlanConfiguration`.
 *
 * @example
 * ```ts
 * const data = await client.query(PlanConfigurationDocument, { input });
 * ```
 */
export const PlanConfigurationDocument = /* @__PURE__ */ typeDocument<PlanConfigurationData, PlanConfigurationVariables>(
  "query PlanConfiguration($input:ConfigureCvmInput!){planCvmConfiguration(input:$input){configVersion changes{field before after}restarts composeHashBefore composeHashAfter requiresOnChainHash hashAlreadyAllowed envKeysAdded envKeysRemoved problems{severity code message field line column}}}",
);

/** Result of {@link ReadOperationDocument}. */
export type ReadOperationData = { readonly operation: { readonly id: string; readonly correlationId: string; readonly type: string; readonly status: OperationStatus; readonly targetState: string | null; readonly startedAt: string | null; readonly completedAt: string | null; readonly durationMs: number | null; readonly errorMessage: string | null; readonly step: string | null; readonly percent: number; readonly pollAfterMs: number | null } | null };
/** Variables of {@link ReadOperationDocument}. */
export type ReadOperationVariables = { readonly cvmId: string; readonly correlationId: string; };
/**
 * The query `ReadOperation`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadOperationDocument, { cvmId, correlationId });
 * ```
 */
export const ReadOperationDocument = /* @__PURE__ */ typeDocument<ReadOperationData, ReadOperationVariables>(
  "query ReadOperation($cvmId:ID!$correlationId:ID!){operation(cvmId:$cvmId correlationId:$correlationId){...OperationFields pollAfterMs}}fragment OperationFields on Operation{id correlationId type status targetState startedAt completedAt durationMs errorMessage step percent}",
);

/** Result of {@link ListOperationsDocument}. */
export type ListOperationsData = { readonly cvm: { readonly id: string; readonly operations: { readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null }; readonly nodes: readonly ({ readonly id: string; readonly correlationId: string; readonly type: string; readonly status: OperationStatus; readonly targetState: string | null; readonly startedAt: string | null; readonly completedAt: string | null; readonly durationMs: number | null; readonly errorMessage: string | null; readonly step: string | null; readonly percent: number })[] } | null } | null };
/** Variables of {@link ListOperationsDocument}. */
export type ListOperationsVariables = { readonly id: string; readonly first?: number | null | undefined; readonly after?: string | null | undefined; };
/**
 * The query `ListOperations`.
 *
 * @example
 * ```ts
 * const data = await client.query(ListOperationsDocument, { id, first, after });
 * ```
 */
export const ListOperationsDocument = /* @__PURE__ */ typeDocument<ListOperationsData, ListOperationsVariables>(
  "query ListOperations($id:ID!$first:Int$after:String){cvm(id:$id){id operations(first:$first after:$after){pageInfo{hasNextPage endCursor}nodes{...OperationFields}}}}fragment OperationFields on Operation{id correlationId type status targetState startedAt completedAt durationMs errorMessage step percent}",
);

/** Result of {@link ReadStateDocument}. */
export type ReadStateData = { readonly cvm: { readonly id: string; readonly state: { readonly status: CvmStatus; readonly rawStatus: string; readonly inProgress: boolean; readonly bootProgress: string | null; readonly bootError: string | null; readonly shutdownProgress: string | null; readonly operation: { readonly type: string | null; readonly startedAt: string | null; readonly correlationId: string | null } | null } | null } | null };
/** Variables of {@link ReadStateDocument}. */
export type ReadStateVariables = { readonly id: string; };
/**
 * The query `ReadState`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadStateDocument, { id });
 * ```
 */
export const ReadStateDocument = /* @__PURE__ */ typeDocument<ReadStateData, ReadStateVariables>(
  "query ReadState($id:ID!){cvm(id:$id){id state{...StateFields}}}fragment StateFields on CvmState{status rawStatus inProgress bootProgress bootError shutdownProgress operation{type startedAt correlationId}}",
);
