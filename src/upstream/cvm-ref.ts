import type { z } from "zod";

const HEX40 = "(?:0x)?([0-9a-f]{40})";

/** Accepted forms of an identifier, besides the CVM's own id, and how each is sent. The first match wins. A bare 40-hex value is an app id. */
const forms: readonly (readonly [form: RegExp, toSegment: (match: RegExpMatchArray) => string])[] = [
  [
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
    (match) => match[0].replaceAll("-", "").toLowerCase(),
  ],
  [new RegExp(`^(?:app_)?${HEX40}$`, "i"), (match) => `app_${match[1]?.toLowerCase()}`],
  [new RegExp(`^instance_${HEX40}$`, "i"), (match) => `instance_${match[1]?.toLowerCase()}`],
  [/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/i, (match) => match[0]],
];

/** Fixed paths below `/cvms`. A CVM with such a name cannot be reached by its name. */
const reservedWords = new Set(["paginated", "provision", "batch-stop", "instance-ids"]);

/** CVM identifier in the form of a path segment of the REST API. */
export type CvmRef = string & z.core.$brand<"CvmRef">;

/**
 * Parse any identifier that the REST API accepts: `cvm_…`, UUID with or without dashes, `app_…`, a bare
 * 40-hex app id, `instance_…`, or a name.
 *
 * @returns null for any other text, and for a word that the REST API reserves
 */
export function parseCvmRef(text: string): CvmRef | null {
  const identifier = text.trim();
  if (isOwnForm(identifier)) return identifier;
  for (const [form, toSegment] of forms) {
    const match = form.exec(identifier);
    if (match === null) continue;
    const segment = toSegment(match);
    return !reservedWords.has(match[0].toLowerCase()) && isSegment(segment) ? segment : null;
  }
  return null;
}

/** Whether a text has the form of the CVM's own id. Such an id is sent as it is. */
function isOwnForm(text: string): text is CvmRef {
  return /^cvm_[\w-]{1,64}$/.test(text);
}

/** Whether a text can be a path segment as it is. */
function isSegment(text: string): text is CvmRef {
  return /^[\w.-]+$/.test(text);
}

/** Whether an identifier is the id of the CVM itself. Every other form has to be read to learn the id. */
export function isOwnId(text: string): boolean {
  return text.trim().startsWith("cvm_");
}

/** Whether an identifier is a name. Only a name means another CVM in another workspace. */
export function isCvmName(ref: CvmRef): boolean {
  return !/^(?:cvm_[\w-]+|(?:app|instance)_[0-9a-f]{40}|[0-9a-f]{32})$/.test(ref);
}

/** Whether a text has the form of a CVM id of the REST API, which is also the GraphQL `id`. */
export function isCvmId(text: string): boolean {
  return /^(?:cvm_[\w.-]{1,64}|[0-9a-f]{32})$/.test(text);
}
