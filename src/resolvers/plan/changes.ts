import { createHash } from "node:crypto";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { AvailableOsImage } from "../../upstream/configuration/os-images.ts";
import {
  cvmSettings,
  measuredSettingNames,
  type SettingName,
  settingNames,
  transientSettingNames,
} from "../../upstream/configuration/settings.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";

/** A setting that would change. Texts are described by size and digest; secrets are hidden. */
export type ConfigurationChange = {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** What a dry run compares an input with. Null if the input does not need it. */
export type PlanFacts = {
  readonly cvm: Cvm;
  readonly file: AppCompose | null;
  readonly images: readonly AvailableOsImage[] | null;
  /** The allowed names that would be sent; null if the list stays as it is. */
  readonly keys: readonly string[] | null;
};

const HIDDEN = "(hidden)";

/** List the changes to the app-compose. Only these change the compose hash. */
export function listComposeChanges(input: ConfigureCvmInput, facts: PlanFacts): ConfigurationChange[] {
  return listChanges(input, facts, measuredSettingNames);
}

/** List the other changes. A setting that cannot be compared counts as changed. */
export function listOtherChanges(input: ConfigureCvmInput, facts: PlanFacts): ConfigurationChange[] {
  const names = settingNames.filter(
    (name) => !cvmSettings[name].measured && !transientSettingNames.has(name),
  );
  return listChanges(input, facts, names);
}

function listChanges(
  input: ConfigureCvmInput,
  facts: PlanFacts,
  names: readonly SettingName[],
): ConfigurationChange[] {
  const given = new Map<string, unknown>(Object.entries({ ...input, allowedEnvs: facts.keys ?? undefined }));
  return names.flatMap((name) => {
    const after = given.get(name);
    return after === undefined ? [] : compare(name, findPresent(name, facts), after, facts);
  });
}

function compare(field: SettingName, before: unknown, after: unknown, facts: PlanFacts) {
  const { kind } = cvmSettings[field];
  if (kind === "secret") return [{ field, before: HIDDEN, after: HIDDEN }];
  if (field === "image" && isCurrentImage(after, facts)) return [];
  const absent = kind === "value" ? null : "";
  if (JSON.stringify(before ?? absent) === JSON.stringify(after)) return [];
  if (kind === "text") return [{ field, before: describeText(before), after: describeText(after) }];
  return [{ field, before: describeValue(before), after: describeValue(after) }];
}

/** Return what the CVM has now; null if it has nothing or the value is unknown. */
function findPresent(name: SettingName, { cvm, file }: PlanFacts): unknown {
  if (name === "allowedEnvs") return file?.settings.allowed_envs ?? [];
  if (name === "image") return cvm.os?.name ?? null;
  const own: unknown = Reflect.get({ ...cvm.visibility, ...cvm.resources }, name);
  return file?.json[cvmSettings[name].wire] ?? own ?? null;
}

function isCurrentImage(image: unknown, { images }: PlanFacts): boolean {
  return (images ?? [])
    .flatMap(({ prod, dev }) => [prod, dev])
    .some((variant) => variant?.isCurrent && (variant.slug === image || variant.name === image));
}

/** Describe a text without quoting it: a script may hold secrets. */
function describeText(text: unknown): string | null {
  if (typeof text !== "string" || text === "") return null;
  const digest = createHash("sha256").update(text).digest("hex");
  return `${text.split("\n").length} lines, ${Buffer.byteLength(text)} bytes, sha256 ${digest}`;
}

function describeValue(value: unknown): string | null {
  if (value === null) return null;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
