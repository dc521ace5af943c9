import { z } from "zod";
import { callerHeaders, workspaceSlug } from "../credential.ts";
import { type CvmPattern, parseCvmPattern } from "./cvm-pattern.ts";
import { createHasRule, createMatchesRule } from "./grants.ts";
import { permissions } from "./permissions.ts";
import { parseSecureUrl } from "./secure-url.ts";

const NAME_RULE = "must be 1 to 64 letters, digits, - or _";
const SECURE_URL_RULE = "must be an https: URL, or an http: URL on a loopback host";

/** Headers that have another meaning for the gateway or for HTTP. */
const TAKEN_HEADERS = new Set([
  ...callerHeaders.filter((name) => name !== "authorization"),
  "x-workspace",
  "idempotency-key",
  "host",
  "origin",
  "content-type",
  "content-length",
  "cookie",
]);

const text = z.string("must be a text").min(1, "must not be empty");
const name = text.regex(/^[\w-]{1,64}$/, NAME_RULE);

const issuerUrl = text.refine((url) => {
  const parsed = parseSecureUrl(url);
  return parsed !== null && parsed.search === "" && !url.includes("?");
}, `${SECURE_URL_RULE}, without a query`);

const issuer = z.strictObject({
  issuer: issuerUrl,
  audience: z.union(
    [text.transform((one) => [one]), z.array(text).min(1, "must not be empty")],
    "must be a text or a list of texts",
  ),
  jwksUrl: text.refine((url) => parseSecureUrl(url) !== null, SECURE_URL_RULE).optional(),
  header: text
    .transform((header) => header.toLowerCase())
    .refine((header) => /^[a-z0-9-]{1,64}$/.test(header), "must be the name of a header")
    .refine((header) => !TAKEN_HEADERS.has(header), "must not be a header that has another meaning here")
    .default("authorization"),
  trustEmail: z.boolean("must be true or false").default(false),
});

const workspace = z
  .strictObject({
    apiKeyFile: text.optional(),
    apiKeyEnv: text.regex(/^\w+$/, "must be the name of an environment variable").optional(),
    slug: text
      .regex(workspaceSlug, "must be the slug of a workspace: 1 to 64 of a-z, 0-9, - and _")
      .optional(),
  })
  .refine(
    ({ apiKeyFile, apiKeyEnv }) => (apiKeyFile === undefined) !== (apiKeyEnv === undefined),
    "must have one of apiKeyFile and apiKeyEnv",
  );

const cvmPattern = text.transform((entry, context): CvmPattern => {
  const pattern = parseCvmPattern(entry);
  if (pattern !== null) return pattern;
  context.addIssue(
    "must be a cvm_… id, app: with 40 hex digits, or a CVM name in which * matches any characters",
  );
  return z.NEVER;
});

const role = z
  .strictObject({
    allow: z
      .array(z.enum(permissions, `must be one of ${permissions.join(", ")}`), "must be a list")
      .min(1, "must not be empty"),
    cvms: z
      .array(cvmPattern, "must be a list")
      .min(1, "must not be empty: without a CVM the role changes nothing")
      .optional(),
  })
  .transform(({ allow, cvms }) => ({ allow: new Set(allow), cvms: cvms ?? null }));

const grant = z
  .strictObject({
    claim: text,
    has: text.optional(),
    matches: text.optional(),
    role: name,
    workspace: name,
    issuer: text.optional(),
  })
  .transform(({ claim, has, matches, ...rest }, context) => {
    if (has !== undefined && matches === undefined) return { ...rest, rule: createHasRule(claim, has) };
    if (matches !== undefined && has === undefined) {
      return { ...rest, rule: createMatchesRule(claim, matches) };
    }
    context.addIssue("must have one of has and matches");
    return z.NEVER;
  });

/** The access file, without the references between its parts. */
export const fileShape = z.strictObject({
  version: z.literal(1, "must be 1"),
  passthrough: z.boolean("must be true or false").default(false),
  issuers: z.array(issuer, "must be a list").min(1, "must have at least one issuer"),
  workspaces: z.record(name, workspace),
  roles: z.record(name, role),
  grants: z.array(grant, "must be a list").min(1, "must have at least one grant"),
});

/** The parts of an access file that is valid on its own. */
export type AccessFile = z.output<typeof fileShape>;
