import { z } from "zod";

/** Whether a value of an answer has the form that a schema describes. */
type FormCheck = (value: unknown) => boolean;

const acceptAll: FormCheck = () => true;

type Members = Readonly<Record<string, unknown>>;

/** Whether a value is a JSON object. */
export function isObject(value: unknown): value is Members {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isPlain({ def }: z.ZodString | z.ZodNumber): boolean {
  return def.checks === undefined || def.checks.length === 0;
}

/** Name of the type of a text, a number or a flag that may be missing or null; null for every other member. */
function findPrimitive(member: z.core.$ZodType): "string" | "number" | "boolean" | null {
  const inner = member instanceof z.ZodOptional ? member.unwrap() : null;
  const type = inner instanceof z.ZodNullable ? inner.unwrap() : null;
  if (type instanceof z.ZodBoolean) return "boolean";
  if (type instanceof z.ZodString && isPlain(type)) return "string";
  return type instanceof z.ZodNumber && isPlain(type) ? "number" : null;
}

function deriveObjectCheck({ def, shape }: z.ZodObject): FormCheck | null {
  if (def.catchall !== undefined) return null;
  // Most members are of this kind, and a check of their own for each of them would take twice the time.
  const primitives: { readonly name: string; readonly type: string }[] = [];
  const others: { readonly name: string; readonly hasForm: FormCheck }[] = [];
  for (const [name, member] of Object.entries(shape)) {
    const type = findPrimitive(member);
    const hasForm = deriveFormCheck(member);
    if (hasForm === null) return null;
    if (type !== null) primitives.push({ name, type });
    else if (hasForm !== acceptAll) others.push({ name, hasForm });
  }
  return (value) => {
    if (!isObject(value)) return false;
    for (const { name, type } of primitives) {
      const member = value[name];
      if (member === undefined || member === null) continue;
      if (typeof member !== type || (type === "number" && !Number.isFinite(member))) return false;
    }
    for (const { name, hasForm } of others) if (!hasForm(value[name])) return false;
    return true;
  };
}

function deriveArrayCheck(schema: z.ZodArray): FormCheck | null {
  const hasForm = schema.def.checks ? null : deriveFormCheck(schema.element);
  if (hasForm === acceptAll) return Array.isArray;
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
  if (hasForm === null || hasForm === acceptAll) return hasForm;
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
  if (schema instanceof z.ZodUnknown) return acceptAll;
  if (schema instanceof z.ZodBoolean) return (value) => typeof value === "boolean";
  if (schema instanceof z.ZodString) return isPlain(schema) ? (value) => typeof value === "string" : null;
  if (!(schema instanceof z.ZodNumber)) return null;
  return isPlain(schema) ? Number.isFinite : (value) => schema.safeParse(value).success;
}
