// Made from schema.graphql by `npm run generate:client`. Do not edit.
import { typeDocument } from "../requests/typed-document.ts";
import type { UpdateStatus, CommitCvmUpdateInput, ConfigureCvmInput, ConfirmCvmPatchInput, CvmRefInput, RestartCvmInput } from "./types.ts";

/** Result of {@link ConfigureCvmDocument}. */
export type ConfigureCvmData = { readonly configureCvm: { readonly __typename: "InProgress"; readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null; readonly allowedEnvsChanged: boolean | null } | { readonly __typename: "OnChainHashRequired"; readonly composeHash: string; readonly appId: string; readonly deviceId: string | null; readonly prerequisites: readonly ({ readonly chainId: number; readonly to: string; readonly data: string; readonly value: string })[] | null; readonly transaction: { readonly chainId: number; readonly to: string; readonly data: string; readonly value: string } } | null };
/** Variables of {@link ConfigureCvmDocument}. */
export type ConfigureCvmVariables = { readonly input: ConfigureCvmInput; };
/**
 * The mutation `ConfigureCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(ConfigureCvmDocument, { input });
 * ```
 */
export const ConfigureCvmDocument = /* @__PURE__ */ typeDocument<ConfigureCvmData, ConfigureCvmVariables>(
  "mutation ConfigureCvm($input:ConfigureCvmInput!){configureCvm(input:$input){__typename ...on InProgress{status message correlationId allowedEnvsChanged}...on OnChainHashRequired{composeHash appId deviceId prerequisites{chainId to data value}transaction{chainId to data value}}}}",
);

/** Result of {@link PrepareConfigurationDocument}. */
export type PrepareConfigurationData = { readonly configureCvm: { readonly __typename: "InProgress" } | { readonly __typename: "OnChainHashRequired"; readonly composeHash: string; readonly appId: string; readonly deviceId: string | null; readonly commitToken: string | null; readonly commitUrl: string | null; readonly onChainStatus: { readonly composeHashAllowed: boolean | null; readonly deviceIdAllowed: boolean | null; readonly isAllowed: boolean | null } | null; readonly safeTransaction: unknown | null; readonly prerequisites: readonly ({ readonly chainId: number; readonly to: string; readonly data: string; readonly value: string })[] | null; readonly transaction: { readonly chainId: number; readonly to: string; readonly data: string; readonly value: string } } | null };
/** Variables of {@link PrepareConfigurationDocument}. */
export type PrepareConfigurationVariables = { readonly input: ConfigureCvmInput; };
/**
 * The mutation `PrepareConfiguration`.
 *
 * @example
 * ```ts
 * const data = await client.query(PrepareConfigurationDocument, { input });
 * ```
 */
export const PrepareConfigurationDocument = /* @__PURE__ */ typeDocument<PrepareConfigurationData, PrepareConfigurationVariables>(
  "mutation PrepareConfiguration($input:ConfigureCvmInput!){configureCvm(input:$input){__typename ...on OnChainHashRequired{composeHash appId deviceId commitToken commitUrl onChainStatus{composeHashAllowed deviceIdAllowed isAllowed}safeTransaction prerequisites{chainId to data value}transaction{chainId to data value}}}}",
);

/** Result of {@link ConfirmPatchDocument}. */
export type ConfirmPatchData = { readonly confirmCvmPatch: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link ConfirmPatchDocument}. */
export type ConfirmPatchVariables = { readonly input: ConfirmCvmPatchInput; };
/**
 * The mutation `ConfirmPatch`.
 *
 * @example
 * ```ts
 * const data = await client.query(ConfirmPatchDocument, { input });
 * ```
 */
export const ConfirmPatchDocument = /* @__PURE__ */ typeDocument<ConfirmPatchData, ConfirmPatchVariables>(
  "mutation ConfirmPatch($input:ConfirmCvmPatchInput!){confirmCvmPatch(input:$input){status message correlationId}}",
);

/** Result of {@link CommitUpdateDocument}. */
export type CommitUpdateData = { readonly commitCvmUpdate: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link CommitUpdateDocument}. */
export type CommitUpdateVariables = { readonly input: CommitCvmUpdateInput; };
/**
 * The mutation `CommitUpdate`.
 *
 * @example
 * ```ts
 * const data = await client.query(CommitUpdateDocument, { input });
 * ```
 */
export const CommitUpdateDocument = /* @__PURE__ */ typeDocument<CommitUpdateData, CommitUpdateVariables>(
  "mutation CommitUpdate($input:CommitCvmUpdateInput!){commitCvmUpdate(input:$input){status message correlationId}}",
);

/** Result of {@link StartCvmDocument}. */
export type StartCvmData = { readonly startCvm: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link StartCvmDocument}. */
export type StartCvmVariables = { readonly input: CvmRefInput; };
/**
 * The mutation `StartCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(StartCvmDocument, { input });
 * ```
 */
export const StartCvmDocument = /* @__PURE__ */ typeDocument<StartCvmData, StartCvmVariables>(
  "mutation StartCvm($input:CvmRefInput!){startCvm(input:$input){status message correlationId}}",
);

/** Result of {@link StopCvmDocument}. */
export type StopCvmData = { readonly stopCvm: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link StopCvmDocument}. */
export type StopCvmVariables = { readonly input: CvmRefInput; };
/**
 * The mutation `StopCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(StopCvmDocument, { input });
 * ```
 */
export const StopCvmDocument = /* @__PURE__ */ typeDocument<StopCvmData, StopCvmVariables>(
  "mutation StopCvm($input:CvmRefInput!){stopCvm(input:$input){status message correlationId}}",
);

/** Result of {@link ShutdownCvmDocument}. */
export type ShutdownCvmData = { readonly shutdownCvm: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link ShutdownCvmDocument}. */
export type ShutdownCvmVariables = { readonly input: CvmRefInput; };
/**
 * The mutation `ShutdownCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(ShutdownCvmDocument, { input });
 * ```
 */
export const ShutdownCvmDocument = /* @__PURE__ */ typeDocument<ShutdownCvmData, ShutdownCvmVariables>(
  "mutation ShutdownCvm($input:CvmRefInput!){shutdownCvm(input:$input){status message correlationId}}",
);

/** Result of {@link RestartCvmDocument}. */
export type RestartCvmData = { readonly restartCvm: { readonly status: UpdateStatus; readonly message: string | null; readonly correlationId: string | null } | null };
/** Variables of {@link RestartCvmDocument}. */
export type RestartCvmVariables = { readonly input: RestartCvmInput; };
/**
 * The mutation `RestartCvm`.
 *
 * @example
 * ```ts
 * const data = await client.query(RestartCvmDocument, { input });
 * ```
 */
export const RestartCvmDocument = /* @__PURE__ */ typeDocument<RestartCvmData, RestartCvmVariables>(
  "mutation RestartCvm($input:RestartCvmInput!){restartCvm(input:$input){status message correlationId}}",
);
