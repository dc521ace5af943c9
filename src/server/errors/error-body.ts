import { protocolErrorCatalog } from "../../error-catalog.ts";

/** The body of a refusal that no GraphQL result stands behind: one error, in the form of all others. */
export function formatRefusal(message: string, requestId: string): string {
  const code: keyof typeof protocolErrorCatalog = "BAD_REQUEST";
  const { retryable } = protocolErrorCatalog[code];
  return JSON.stringify({ errors: [{ message, extensions: { code, retryable, requestId } }] });
}
