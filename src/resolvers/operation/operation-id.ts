import { type CvmRef, parseCvmRef } from "../../upstream/cvm-ref.ts";

const PREFIX = "op_";

/** The parts of an operation's global id. */
export type OperationKey = { readonly cvmId: CvmRef; readonly correlationId: string };

/** Format the global id of an operation. It includes the CVM, whose history has to be searched. */
export function formatOperationId({ cvmId, correlationId }: OperationKey): string {
  return PREFIX + Buffer.from(`${cvmId}:${correlationId}`).toString("base64url");
}

/**
 * Parse the global id of an operation.
 *
 * @returns null for any other text, and for an operation that cannot exist
 */
export function parseOperationId(id: string): OperationKey | null {
  if (!hasOperationPrefix(id)) return null;
  const [cvmId = "", ...rest] = Buffer.from(id.slice(PREFIX.length), "base64url").toString().split(":");
  const correlationId = rest.join(":");
  const ref = parseCvmRef(cvmId);
  return ref === null || !isCorrelationId(correlationId) ? null : { cvmId: ref, correlationId };
}

/** Whether a text has the form of an operation's global id, whatever it contains. */
export function hasOperationPrefix(id: string): boolean {
  return id.startsWith(PREFIX);
}

/** Whether a text can be a correlation id. Those of the REST API are UUIDs or look like `corr_01HXYZ…`. */
export function isCorrelationId(text: string): boolean {
  return /^[A-Za-z0-9_-]{1,128}$/.test(text);
}
