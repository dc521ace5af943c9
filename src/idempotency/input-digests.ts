import { deriveFrom } from "./sealed-outcome.ts";
import type { IdempotencyRecord, InputDigests, KeyedWrite } from "./types.ts";

/** Length of the hash of one field. 128 bits distinguish the values of one key. */
const FIELD_HASH_BYTES = 16;

/**
 * Hash the input of a write, as a whole and field by field. The credential is the key of each hash, so that a
 * short value cannot be guessed from the store.
 */
export function digestInput({
  owner: { secret },
  operation,
  input,
}: KeyedWrite): Required<Pick<IdempotencyRecord, "fingerprint" | "digests">> {
  const hash = (purpose: string, text: string) =>
    deriveFrom(secret, purpose, text).subarray(0, FIELD_HASH_BYTES).toString("base64url");
  const fields = Object.entries(input).map(([name, value]): [string, string] => [
    name,
    hash("field", `${name}\0${JSON.stringify(value)}`),
  ]);
  return {
    fingerprint: deriveFrom(secret, "input", `${operation}\0${JSON.stringify(input)}`).toString("base64url"),
    digests: { operation: hash("operation", operation), fields: Object.fromEntries(fields) },
  };
}

/** List the fields whose values differ between two inputs, including those that only one of them has. */
export function listDifferentFields(
  { fields: first }: InputDigests,
  { fields: second }: InputDigests,
): string[] {
  const names = new Set([...Object.keys(second), ...Object.keys(first)]);
  return [...names].filter((name) => first[name] !== second[name]);
}
