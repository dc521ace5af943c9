/* Entry point `@cvm-gateway/client`. */
export { type ClientOptions, type CvmClient, createCvmClient } from "./client.ts";
export type { ConfigureState } from "./configure/state.ts";
export type {
  ConfigureInput,
  ConfigureOptions,
  ConfigureProgress,
  ConfigureResult,
  ResumeOptions,
  SignContext,
  SignTransaction,
} from "./configure/types.ts";
export type { FieldProblem, Transaction } from "./error-types.ts";
export { type ClientErrorCode, CvmGatewayError } from "./gateway-error.ts";
export type { CvmState, OperationState } from "./live/follow.ts";
export type { LiveOptions } from "./live/live-values.ts";
export type { ParsedDocument } from "./requests/print-document.ts";
export type { QueryOptions } from "./requests/sender.ts";
export type { Fetch, RequestHeaders } from "./requests/transport.ts";
export type { TypedDocument, TypedDocumentString } from "./requests/typed-document.ts";
