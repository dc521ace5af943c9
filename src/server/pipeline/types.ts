import type { ExecutionResult } from "graphql";
import type { RequestFacts } from "../../request-facts.ts";

/** Result of an operation: one result, or the results of a stream. */
export type OperationResult = ExecutionResult | AsyncIterable<ExecutionResult>;

/** The only way to execution. HTTP, Server-Sent Events, WebSocket and multipart use it. */
export type Pipeline = {
  /**
   * Run one operation. Never rejects: every failure is an error of the result, formatted for the client. An error
   * can have `extensions.http` with a status and headers for a response over HTTP.
   *
   * @param params - parameters of the operation as the client sent them
   */
  runOperation(facts: RequestFacts, params: unknown): Promise<OperationResult>;
  /** Return the result for a request that is no operation, because of `error`. It counts as a read. */
  reject(facts: RequestFacts, error: unknown): Promise<ExecutionResult>;
};
