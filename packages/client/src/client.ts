import { configure, resume } from "./configure/configure.ts";
import type { ConfigureState } from "./configure/state.ts";
import type { ConfigureInput, ConfigureOptions, ConfigureResult, ResumeOptions } from "./configure/types.ts";
import { type CvmState, followOperation, type OperationState, watchState } from "./live/follow.ts";
import type { LiveOptions } from "./live/live-values.ts";
import type { ParsedDocument } from "./requests/print-document.ts";
import { createSender, type QueryOptions } from "./requests/sender.ts";
import { createTransport, type Fetch, type RequestHeaders } from "./requests/transport.ts";
import type { TypedDocument } from "./requests/typed-document.ts";

/**
 * Options of {@link createCvmClient}.
 *
 * @example
 * ```ts
 * const options: ClientOptions = { url: "https://gateway.example/graphql", headers: { "x-api-key": key } };
 * ```
 */
export type ClientOptions = {
  /** URL of the GraphQL endpoint, with `/graphql`. */
  readonly url: string;
  /** Headers of each request: `X-API-Key` or `Authorization`, and `X-Phala-Workspace` if needed. */
  readonly headers?: RequestHeaders | undefined;
  /** Default: the global `fetch`. On React Native, `expo/fetch` can stream; without it the client polls. */
  readonly fetch?: Fetch | undefined;
  /** KMS root keys that may sign the keys to which `configure` seals, as hex. Ship them with your app. */
  readonly trustedRootKeys?: readonly string[] | undefined;
};

/** Variables, which can be left out if none is required. */
type VariablesArgument<Variables> =
  Record<string, never> extends Variables
    ? [variables?: Variables | undefined, options?: QueryOptions | undefined]
    : [variables: Variables, options?: QueryOptions | undefined];

/** Leaves a document out that has types, so that wrong variables of it are an error and not untyped. */
type Untyped<Document> = "__apiType" extends keyof Document ? never : unknown;

/**
 * Client of one gateway.
 *
 * @example
 * ```ts
 * const client: CvmClient = createCvmClient({ url, headers: { "x-api-key": key } });
 * ```
 */
export type CvmClient = {
  /**
   * Send one query or mutation, once.
   *
   * @param document - a typed document, or GraphQL as text, whose data is then not typed
   * @throws {CvmGatewayError} if anything failed. `error.data` has the fields that did not
   *
   * @example
   * ```ts
   * import { ReadCvmDocument } from "@cvm-gateway/client/documents";
   * const { cvm } = await client.query(ReadCvmDocument, { id: "web" });
   * ```
   */
  query<Data, Variables>(
    document: TypedDocument<Data, Variables> & object,
    ...rest: VariablesArgument<Variables>
  ): Promise<Data>;
  query<Data, Variables>(
    document: string & TypedDocument<Data, Variables>,
    ...rest: VariablesArgument<Variables>
  ): Promise<Data>;
  query<Data = unknown, Document extends string | ParsedDocument = string | ParsedDocument>(
    document: Document & Untyped<Document>,
    variables?: Readonly<Record<string, unknown>> | undefined,
    options?: QueryOptions | undefined,
  ): Promise<Data>;

  /**
   * Change a CVM, the whole way: seal the environment with a verified key, send the change under an idempotency key,
   * let the owner register its hash on chain if necessary, and follow the operation to its end. No step is repeated
   * that could apply the change twice.
   *
   * @returns the final operation, or `NO_CHANGE`
   * @throws {CvmGatewayError} see {@link ClientErrorCode} and docs/errors.md of the gateway
   * @throws {CryptoError} for an environment that cannot be sealed
   *
   * @example
   * ```ts
   * const operation = await client.configure(
   *   { id: "web", preLaunchScript: "#!/bin/sh\n" },
   *   { sign, onProgress: ({ stage, operation }) => show(stage, operation?.percent) },
   * );
   * ```
   */
  configure(input: ConfigureInput, options?: ConfigureOptions): Promise<ConfigureResult>;

  /**
   * Go on with a change after a restart. What was sent already is not sent again.
   *
   * @param state - the last state that `onPrepared` received, parsed from JSON
   * @throws {CvmGatewayError} as `configure`, and `BAD_STATE`
   *
   * @example
   * ```ts
   * const stored = await storage.get("change");
   * if (stored !== null) await client.resume(JSON.parse(stored), { sign, onPrepared });
   * ```
   */
  resume(state: ConfigureState, options?: ResumeOptions): Promise<ConfigureResult>;

  /**
   * Iterate over the live state of a CVM: the present one, then each change. Survives a lost connection.
   *
   * @param cvmId - any identifier of the CVM
   *
   * @example
   * ```ts
   * for await (const { status } of client.watch("web")) if (status === "RUNNING") break;
   * ```
   */
  watch(cvmId: string, options?: LiveOptions): AsyncIterableIterator<CvmState>;

  /**
   * Iterate over the states of an operation: the present one, then each change, until it has ended. Survives a lost
   * connection.
   *
   * @example
   * ```ts
   * for await (const { percent, status } of client.follow("web", correlationId)) show(percent, status);
   * ```
   */
  follow(cvmId: string, correlationId: string, options?: LiveOptions): AsyncIterableIterator<OperationState>;
};

/**
 * Create a client of a gateway. It sends nothing by itself.
 *
 * @example
 * ```ts
 * import { createCvmClient } from "@cvm-gateway/client";
 *
 * const client = createCvmClient({ url: "https://gateway.example/graphql", headers: { "x-api-key": key } });
 * const { status } = await client.configure({ id: "web", vcpu: 4 });
 * ```
 */
export function createCvmClient({ url, headers = {}, fetch, trustedRootKeys }: ClientOptions): CvmClient {
  const sender = createSender(createTransport(url, headers, fetch));
  return {
    // One implementation serves all overloads. The document declares the type of its data.
    query: (document: string | ParsedDocument | object, variables?: unknown, options?: QueryOptions) =>
      sender.query<never, unknown>(document, variables ?? {}, options),
    configure: (input, options = {}) =>
      configure(sender, input, { ...options, trustedRootKeys: options.trustedRootKeys ?? trustedRootKeys }),
    resume: (state, options = {}) => resume(sender, state, options),
    watch: (cvmId, options = {}) => watchState(sender, cvmId, options),
    follow: (cvmId, correlationId, options = {}) => followOperation(sender, cvmId, correlationId, options),
  };
}
