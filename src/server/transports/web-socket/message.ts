import type { SubscribePayload } from "graphql-ws";

/** Member of `extensions` that carries a payload which graphql-ws does not accept. */
const SENT = "cvm-gateway/sent";

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Whether graphql-ws accepts the payload of an operation. It knows no trusted documents. */
function isAccepted({ query, variables, operationName, extensions }: Readonly<Record<string, unknown>>) {
  return (
    typeof query === "string" &&
    (variables === undefined || variables === null || isObject(variables)) &&
    (extensions === undefined || extensions === null || isObject(extensions)) &&
    (operationName === undefined || operationName === null || typeof operationName === "string")
  );
}

/**
 * Wrap the payload of an operation that graphql-ws does not accept: one without a query, such as a trusted document,
 * or one with invalid parameters. graphql-ws would close the socket, and with it every other operation. The pipeline
 * runs it or answers with its error.
 */
export function wrapMessage(text: string): string {
  let message: unknown;
  try {
    message = JSON.parse(text);
  } catch {
    return text;
  }
  if (!isObject(message) || message["type"] !== "subscribe") return text;
  const { payload } = message;
  if (!isObject(payload) || isAccepted(payload)) return text;
  return JSON.stringify({ ...message, payload: { query: "", extensions: { [SENT]: payload } } });
}

/** Return the payload of an operation as the client sent it. */
export function readSentPayload(payload: SubscribePayload): unknown {
  return payload.extensions?.[SENT] ?? payload;
}
