import { createCipheriv, createDecipheriv, createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import { type ErrorCode, errorCatalog } from "../error-catalog.ts";
import { GatewayError } from "../errors.ts";

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Outcome of a keyed write: a value, or an error after which the write may have been applied. */
export type Outcome<T> = { readonly value: T } | { readonly error: GatewayError };

const storedError = z.object({
  code: z.string().refine((code): code is ErrorCode => code in errorCatalog),
  message: z.string(),
});

/** Derive a key or a name from a credential for one purpose. The credential cannot be recovered from it. */
export function deriveFrom(secret: string, purpose: string, text = ""): Buffer {
  return createHmac("sha256", secret).update(`cvm-gateway/${purpose}\0${text}`).digest();
}

/** Encrypt an outcome for the store, because it can contain a commit token. Only the same credential opens it. */
export function sealOutcome(secret: string, outcome: Outcome<unknown>): string {
  const stored =
    "error" in outcome ? { error: { code: outcome.error.code, message: outcome.error.message } } : outcome;
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv("aes-256-gcm", deriveFrom(secret, "outcome"), iv);
  const body = Buffer.concat([cipher.update(JSON.stringify(stored)), cipher.final()]);
  return Buffer.concat([iv, cipher.getAuthTag(), body]).toString("base64");
}

/** Decrypt the result of {@link sealOutcome}. @throws {Error} for another credential or a changed text */
export function openOutcome<T>(secret: string, sealed: string): Outcome<T> {
  const bytes = Buffer.from(sealed, "base64");
  const decipher = createDecipheriv(
    "aes-256-gcm",
    deriveFrom(secret, "outcome"),
    bytes.subarray(0, IV_BYTES),
  );
  decipher.setAuthTag(bytes.subarray(IV_BYTES, IV_BYTES + TAG_BYTES));
  const text = Buffer.concat([
    decipher.update(bytes.subarray(IV_BYTES + TAG_BYTES)),
    decipher.final(),
  ]).toString();
  const stored = JSON.parse(text);
  if (!("error" in stored)) return { value: stored.value };
  const { code, message } = storedError.parse(stored.error);
  return { error: new GatewayError(code, message) };
}
