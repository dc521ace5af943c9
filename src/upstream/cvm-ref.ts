import { z } from "zod";

const HEX40 = "(?:0x)?([0-9a-f]{40})";

/** Form by form, how an identifier is sent. The first that fits wins; a bare 40-hex value is an app id. */
const forms: readonly (readonly [form: RegExp, toSegment: (match: RegExpMatchArray) => string])[] = [
  [/^cvm_[\w-]{1,64}$/, (match) => match[0]],
  [
    /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i,
    (match) => match[0].replaceAll("-", "").toLowerCase(),
  ],
  [new RegExp(`^(?:app_)?${HEX40}$`, "i"), (match) => `app_${match[1]?.toLowerCase()}`],
  [new RegExp(`^instance_${HEX40}$`, "i"), (match) => `instance_${match[1]?.toLowerCase()}`],
  [/^[a-z0-9](?:[a-z0-9._-]{0,98}[a-z0-9])?$/i, (match) => match[0]],
];

/** Places of the REST API below `/cvms`, at which a CVM of such a name cannot be reached. */
const reservedWords = new Set(["paginated", "provision", "batch-stop", "instance-ids"]);

const cvmRef = z.string().brand<"CvmRef">();

/** A CVM identifier in the form in which the REST API takes it as a path segment. */
export type CvmRef = z.output<typeof cvmRef>;

/**
 * Reads any identifier that the REST API accepts: `cvm_…`, UUID with or without dashes, `app_…`, a bare
 * 40-hex app id, `instance_…`, or a name.
 *
 * @returns null when the text has none of these forms, or is a word that the REST API keeps for itself.
 */
export function parseCvmRef(text: string): CvmRef | null {
  for (const [form, toSegment] of forms) {
    const match = text.trim().match(form);
    if (match !== null)
      return reservedWords.has(match[0].toLowerCase()) ? null : cvmRef.parse(toSegment(match));
  }
  return null;
}

/** Whether this has a form of the id that the REST API gave the CVM, which is its GraphQL `id` too. */
export function isCvmId(text: string): boolean {
  return /^(?:cvm_[\w.-]{1,64}|[0-9a-f]{32})$/.test(text);
}
