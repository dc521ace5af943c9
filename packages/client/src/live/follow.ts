import { CvmGatewayError } from "../gateway-error.ts";
import {
  type ReadOperationData,
  ReadOperationDocument,
  type ReadStateData,
  ReadStateDocument,
} from "../generated/reads-documents.ts";
import {
  type FollowOperationData,
  FollowOperationDocument,
  type WatchStateData,
  WatchStateDocument,
} from "../generated/streams-documents.ts";
import type { Sender } from "../requests/sender.ts";
import type { TypedDocumentString } from "../requests/typed-document.ts";
import { openEvents } from "./event-stream.ts";
import { iterateLive, type LiveOptions } from "./live-values.ts";

/**
 * State of an operation. `COMPLETED` and `FAILED` are final.
 *
 * @example
 * ```ts
 * const show = ({ status, step, percent }: OperationState) => setProgress(percent, step ?? status);
 * ```
 */
export type OperationState = FollowOperationData["operation"];

/**
 * Live state of a CVM.
 *
 * @example
 * ```ts
 * const show = ({ status, bootError }: CvmState) => setStatus(bootError ?? status);
 * ```
 */
export type CvmState = WatchStateData["cvmState"];

/** Whether an operation has ended. */
export function hasEnded({ status }: Pick<OperationState, "status">): boolean {
  return status === "COMPLETED" || status === "FAILED";
}

/** Yield the data of a subscription, which its document describes. */
async function* stream<Data, Variables>(
  { transport }: Sender,
  document: TypedDocumentString<Data, Variables>,
  variables: Variables,
  signal: AbortSignal,
): AsyncGenerator<Data, void> {
  for await (const data of openEvents(transport, { query: document, variables }, signal)) yield data as Data;
}

/** Follow an operation to its end. */
export function followOperation(
  sender: Sender,
  cvmId: string,
  correlationId: string,
  options: LiveOptions,
): AsyncIterableIterator<OperationState> {
  const variables = { cvmId, correlationId };
  return iterateLive<OperationState>(
    {
      async *stream(signal) {
        for await (const data of stream(sender, FollowOperationDocument, variables, signal)) {
          yield data.operation;
        }
      },
      async poll(signal) {
        const { operation }: ReadOperationData = await sender.query(ReadOperationDocument, variables, {
          signal,
        });
        if (operation === null) throw createMissingCvmError();
        const { pollAfterMs, ...value } = operation;
        return { value, pollAfterMs };
      },
      isLast: hasEnded,
    },
    options,
  );
}

/** Watch the live state of a CVM. */
export function watchState(
  sender: Sender,
  cvmId: string,
  options: LiveOptions,
): AsyncIterableIterator<CvmState> {
  const variables = { id: cvmId };
  return iterateLive<CvmState>(
    {
      async *stream(signal) {
        for await (const data of stream(sender, WatchStateDocument, variables, signal)) yield data.cvmState;
      },
      async poll(signal) {
        const { cvm }: ReadStateData = await sender.query(ReadStateDocument, variables, { signal });
        if (cvm === null) throw createMissingCvmError();
        return { value: cvm.state, pollAfterMs: null };
      },
      isLast: () => false,
    },
    options,
  );
}

/** Create the error for a CVM that the caller does not have. */
export function createMissingCvmError(): CvmGatewayError {
  return new CvmGatewayError("NOT_FOUND", "The CVM does not exist for this caller.");
}
