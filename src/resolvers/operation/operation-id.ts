import { type CvmRef, parseCvmRef } from "../../upstream/cvm-ref.ts";

const PREFIX = "op_";

/** What an operation's global id names. */
export type OperationKey = { readonly cvmId: CvmRef; readonly correlationId: string };

/** The global id of an operation. A correlation id alone would not tell where to look. */
export function formatOperationId({ cvmId, correlationId }: OperationKey): string {
  return PREFIX + Buffer.from(`${cvmId}:${correlationId}`).toString("base64url");
}

/** Reads an operation's global id. @returns null for every other text. */
export function parseOperationId(id: string): OperationKey | null {
  if (!id.startsWith(PREFIX)) return null;
  const [cvmId = "", ...rest] = Buffer.from(id.slice(PREFIX.length), "base64url").toString().split(":");
  const correlationId = rest.join(":");
  const ref = parseCvmRef(cvmId);
  return ref === null || !isCorrelationId(correlationId) ? null : { cvmId: ref, correlationId };
}

/** Whether a text can be a correlation id: the REST API's are UUIDs, but it promises no form. */
export function isCorrelationId(text: string): boolean {
  return /^[\x21-\x7e]{1,200}$/.test(text);
}
