// Made from schema.graphql by `npm run generate:client`. Do not edit.
import { typeDocument } from "../requests/typed-document.ts";
import type { OperationStatus, ConfigureCvmInput } from "./types.ts";

/** Result of {@link ReadBaselineDocument}. */
export type ReadBaselineData = { readonly cvm: { readonly id: string; readonly appId: string | null; readonly inProgress: boolean; readonly configVersion: string; readonly progress: { readonly correlationId: string | null } | null; readonly envEncryptionKey?: { readonly publicKey: string; readonly signature: string | null } | null; readonly operations: { readonly nodes: readonly ({ readonly correlationId: string; readonly type: string; readonly status: OperationStatus })[] } | null } | null };
/** Variables of {@link ReadBaselineDocument}. */
export type ReadBaselineVariables = { readonly id: string; readonly withKey: boolean; };
/**
 * The query `ReadBaseline`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadBaselineDocument, { id, withKey });
 * ```
 */
export const ReadBaselineDocument = /* @__PURE__ */ typeDocument<ReadBaselineData, ReadBaselineVariables>(
  "query ReadBaseline($id:ID!$withKey:Boolean!){cvm(id:$id){id appId inProgress configVersion progress{correlationId}envEncryptionKey@include(if:$withKey){publicKey signature}operations(first:20){nodes{correlationId type status}}}}",
);

/** Result of {@link ReadEvidenceDocument}. */
export type ReadEvidenceData = { readonly cvm: { readonly id: string; readonly inProgress: boolean; readonly configVersion: string; readonly progress: { readonly correlationId: string | null } | null; readonly resources: { readonly instanceType: string | null; readonly vcpu: number | null; readonly memoryMb: number | null; readonly diskSizeGb: number | null }; readonly os: { readonly name: string | null } | null; readonly visibility: { readonly publicLogs: boolean; readonly publicSysinfo: boolean; readonly publicTcbinfo: boolean }; readonly compose?: { readonly hash: string | null; readonly dockerComposeFile: string; readonly preLaunchScript: string | null; readonly allowedEnvs: readonly (string)[] } | null; readonly operations: { readonly nodes: readonly ({ readonly correlationId: string; readonly type: string; readonly status: OperationStatus })[] } | null } | null };
/** Variables of {@link ReadEvidenceDocument}. */
export type ReadEvidenceVariables = { readonly id: string; readonly withCompose: boolean; };
/**
 * The query `ReadEvidence`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadEvidenceDocument, { id, withCompose });
 * ```
 */
export const ReadEvidenceDocument = /* @__PURE__ */ typeDocument<ReadEvidenceData, ReadEvidenceVariables>(
  "query ReadEvidence($id:ID!$withCompose:Boolean!){cvm(id:$id){id inProgress configVersion progress{correlationId}resources{instanceType vcpu memoryMb diskSizeGb}os{name}visibility{publicLogs publicSysinfo publicTcbinfo}compose@include(if:$withCompose){hash dockerComposeFile preLaunchScript allowedEnvs}operations(first:20){nodes{correlationId type status}}}}",
);

/** Result of {@link ReadHashAllowedDocument}. */
export type ReadHashAllowedData = { readonly planCvmConfiguration: { readonly composeHashAfter: string | null; readonly hashAlreadyAllowed: boolean | null } };
/** Variables of {@link ReadHashAllowedDocument}. */
export type ReadHashAllowedVariables = { readonly input: ConfigureCvmInput; };
/**
 * The query `ReadHashAllowed`.
 *
 * @example
 * ```ts
 * const data = await client.query(ReadHashAllowedDocument, { input });
 * ```
 */
export const ReadHashAllowedDocument = /* @__PURE__ */ typeDocument<ReadHashAllowedData, ReadHashAllowedVariables>(
  "query ReadHashAllowed($input:ConfigureCvmInput!){planCvmConfiguration(input:$input){composeHashAfter hashAlreadyAllowed}}",
);
