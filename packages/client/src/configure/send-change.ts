import { CvmGatewayError } from "../gateway-error.ts";
import { ConfigureCvmDocument } from "../generated/writes-documents.ts";
import { sendOnce } from "./attempt.ts";
import type { Run } from "./run.ts";
import type { ConfigureState } from "./state.ts";

/** Time limit of a write besides the waits that its input asks for, in milliseconds. */
export const WRITE_TIMEOUT_MS = 60_000;

/** Send the change: stage `prepared`. @returns the state of the next stage */
export async function sendChange(
  run: Run,
  state: ConfigureState,
  isResumed: boolean,
): Promise<ConfigureState> {
  const { sender, signal } = run;
  const { input, idempotencyKey } = state;
  const timeoutMs = WRITE_TIMEOUT_MS + (input.waitIfBusySeconds ?? 0) * 1_000;
  return sendOnce<ConfigureState>(
    run,
    state,
    {
      idempotencyKey,
      async send() {
        run.report("sending");
        const variables = { input };
        const { data, error } = await sender.queryPartly(ConfigureCvmDocument, variables, {
          signal,
          timeoutMs,
        });
        const result = data.configureCvm;
        if (result === null) throw error ?? createEmptyAnswerError();
        if (result.__typename === "InProgress") {
          const { status, correlationId } = result;
          return { ...state, stage: status === "NO_CHANGE" ? "unchanged" : "accepted", correlationId };
        }
        const { composeHash, transaction, prerequisites } = result;
        const registration = { composeHash, transaction, prerequisites: prerequisites ?? [] };
        return { ...state, stage: "registering", registration };
      },
      adopt: (correlationId) => ({ ...state, stage: "accepted", correlationId }),
    },
    isResumed,
  );
}

/** Create the error for an answer without a result and without an error. Nothing is known about the write. */
export function createEmptyAnswerError(): CvmGatewayError {
  return new CvmGatewayError("INVALID_RESPONSE", "The answer has neither a result nor an error.");
}
