import { createHash } from "node:crypto";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { AvailableOsImage } from "../../upstream/configuration/os-images.ts";
import {
  cvmSettings,
  type SettingChanges,
  type SettingName,
  settingNames,
  transientSettingNames,
} from "../../upstream/configuration/settings.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { listMeasuredChanges } from "../compose/measured-changes.ts";
import type { MeasuredChange } from "../compose/predicted-hash.ts";

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
  const { file, keys } = facts;
  if (file === null) return [];
  const change: MeasuredChange = { ...input, allowedEnvs: keys ?? undefined };
  return listMeasuredChanges(file, change).map((field) =>
    describe(field, file.json[cvmSettings[field].wire], change[field]),
  );
}

/** List the other changes. A setting that cannot be compared counts as changed. */
export function listOtherChanges(input: ConfigureCvmInput, facts: PlanFacts): ConfigurationChange[] {
  const { cvm } = facts;
  const given: SettingChanges = input;
  const present: SettingChanges = { ...cvm.resources, image: cvm.os?.name };
  return settingNames.flatMap((field) => {
    if (cvmSettings[field].measured || transientSettingNames.has(field)) return [];
    const after = given[field];
    const isSame = after === present[field] || (field === "image" && isCurrentImage(after, facts));
    return after === undefined || isSame ? [] : describe(field, present[field], after);
  });
}

function describe(field: SettingName, before: unknown, after: unknown): ConfigurationChange {
  const { kind } = cvmSettings[field];
  if (kind === "secret") return { field, before: HIDDEN, after: HIDDEN };
  const toText = kind === "text" ? describeText : describeValue;
  return { field, before: toText(before), after: toText(after) };
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
  if (value === null || value === undefined) return null;
  return Array.isArray(value) ? value.join(", ") : String(value);
}
