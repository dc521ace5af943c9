import type { SubscribePayload } from "graphql-ws";
import { MAX_REQUEST_VALUES, socketLimits } from "../../../limits.ts";
import { exceedsJsonValues } from "../../http/count-json.ts";

/** Member of `extensions` that names the payload which a client sent. */
const SENT = "cvm-gateway/sent";

/** A message that graphql-ws rejects. It then closes the socket. */
const INVALID = "invalid";

/** Reads the messages of one socket before graphql-ws does. */
export type MessageReader = {
  /** Return the message that graphql-ws reads instead. @param isOpen - whether the client has sent `connection_init` */
  read(text: string, isOpen: boolean): string;
  /** Return the payload of an operation as the client sent it, once. */
  takePayload(payload: SubscribePayload): unknown;
};

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseObject(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) ? message : null;
  } catch {
    return null;
  }
}

/**
 * Create the reader of one socket. A message of 1 MiB takes long to parse, so it is parsed once: graphql-ws gets a short
 * one instead. This also keeps payloads from graphql-ws that it does not accept: those without a query, such as trusted
 * documents, and those with invalid parameters. graphql-ws would close the socket, and with it every other operation.
 * The pipeline runs them or answers with their error.
 */
export function createMessageReader(): MessageReader {
  const payloads = new Map<string, unknown>();
  let count = 0;
  return {
    read(text, isOpen) {
      const isLong = text.length > socketLimits.controlCharacters;
      if ((isLong && !isOpen) || exceedsJsonValues(text, MAX_REQUEST_VALUES)) return INVALID;
      const message = parseObject(text);
      if (message === null) return INVALID;
      const { type, id, payload } = message;
      if (type === "subscribe" && typeof id === "string" && isObject(payload)) {
        count += 1;
        const name = String(count);
        payloads.set(name, payload);
        return JSON.stringify({ type, id, payload: { query: "", extensions: { [SENT]: name } } });
      }
      return isLong ? INVALID : text;
    },
    takePayload({ extensions }) {
      const name = String(extensions?.[SENT]);
      const payload = payloads.get(name);
      payloads.delete(name);
      return payload;
    },
  };
}
