import { z } from "zod";

/** Whether a value of an answer has the form that a schema describes. */
type FormCheck = (value: unknown) => boolean;

type Members = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain({ def }: z.ZodString | z.ZodNumber): boolean {
  return def.checks === undefined || def.checks.length === 0;
}

function deriveObjectCheck({ def, shape }: z.ZodObject): FormCheck | null {
  if (def.catchall !== undefined) return null;
  const members: { readonly name: string; readonly hasForm: FormCheck }[] = [];
  for (const [name, member] of Object.entries(shape)) {
    const hasForm = deriveFormCheck(member);
    if (hasForm === null) return null;
    members.push({ name, hasForm });
  }
  return (value) => {
    if (!isObject(value)) return false;
    for (const { name, hasForm } of members) if (!hasForm(value[name])) return false;
    return true;
  };
}

function deriveArrayCheck(schema: z.ZodArray): FormCheck | null {
  const hasForm = schema.def.checks ? null : deriveFormCheck(schema.element);
  return hasForm && ((value) => Array.isArray(value) && value.every(hasForm));
}

function deriveUnionCheck({ options }: z.ZodUnion): FormCheck | null {
  const checks = options.flatMap((option) => deriveFormCheck(option) ?? []);
  return checks.length < options.length ? null : (value) => checks.some((hasForm) => hasForm(value));
}

/** Derive the check of a member that may be missing, which is almost always one that may also be null. */
function deriveOptionalCheck(inner: z.core.$ZodType): FormCheck | null {
  const isNullish = inner instanceof z.ZodNullable;
  const hasForm = deriveFormCheck(isNullish ? inner.unwrap() : inner);
  if (hasForm === null) return null;
  return (value) => value === undefined || (isNullish && value === null) || hasForm(value);
}

function deriveNullableCheck(inner: z.core.$ZodType): FormCheck | null {
  const hasForm = deriveFormCheck(inner);
  return hasForm && ((value) => value === null || hasForm(value));
}

/**
 * Derive a check of a schema that decides as the schema does, but makes no copy and no list of problems. It is many
 * times faster, and almost every answer has its documented form.
 *
 * @returns null for a schema that changes values, and for kinds that answers do not have
 */
export function deriveFormCheck(schema: z.core.$ZodType): FormCheck | null {
  if (schema instanceof z.ZodOptional) return deriveOptionalCheck(schema.unwrap());
  if (schema instanceof z.ZodNullable) return deriveNullableCheck(schema.unwrap());
  if (schema instanceof z.ZodObject) return deriveObjectCheck(schema);
  if (schema instanceof z.ZodArray) return deriveArrayCheck(schema);
  if (schema instanceof z.ZodUnion) return deriveUnionCheck(schema);
  if (schema instanceof z.ZodUnknown) return () => true;
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === "boolean";
  if (schema instanceof z.ZodString) return isPlain(schema) ? (value) => typeof value === "string" : null;
  if (!(schema instanceof z.ZodNumber)) return null;
  return isPlain(schema) ? Number.isFinite : (value) => schema.safeParse(value).success;
}
