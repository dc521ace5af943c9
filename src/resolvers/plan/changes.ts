import { createHash } from "node:crypto";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { AvailableOsImage } from "../../upstream/configuration/os-images.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import type { ConfigureCvmInput } from "../configure/configure-input.ts";

/** One setting that would change. Texts are described and not shown, secrets are neither. */
export type ConfigurationChange = {
  readonly field: string;
  readonly before: string | null;
  readonly after: string | null;
};

/** What a plan compares an input with; null where the input does not need it. */
export type PlanFacts = {
  readonly cvm: Cvm;
  readonly file: AppCompose | null;
  readonly images: readonly AvailableOsImage[] | null;
  /** The list of keys that would be sent; null where it stays. */
  readonly keys: readonly string[] | null;
};

const HIDDEN = "(hidden)";

/** Names a text without a word of it: a script may hold secrets. */
function describeText(text: string | null | undefined): string | null {
  if (text === null || text === undefined || text === "") return null;
  const digest = createHash("sha256").update(text).digest("hex");
  return `${text.split("\n").length} lines, ${Buffer.byteLength(text)} bytes, sha256 ${digest}`;
}

function compare(field: string, before: unknown, after: unknown): ConfigurationChange[] {
  if (after === null || after === undefined) return [];
  const was = before === null || before === undefined ? null : String(before);
  return was === String(after) ? [] : [{ field, before: was, after: String(after) }];
}

function compareText(field: string, before: string | null | undefined, after: string | null | undefined) {
  if (after === null || after === undefined || (before ?? "") === after) return [];
  return [{ field, before: describeText(before), after: describeText(after) }];
}

function compareKeys({ file, keys }: PlanFacts): ConfigurationChange[] {
  const before = file?.settings.allowed_envs ?? [];
  if (keys === null || before.join() === keys.join()) return [];
  return [{ field: "allowedEnvs", before: before.join(", "), after: keys.join(", ") }];
}

function compareImage({ cvm, images }: PlanFacts, image: string | null | undefined): ConfigurationChange[] {
  const current = images
    ?.flatMap(({ prod, dev }) => [prod, dev])
    .find((variant) => variant?.isCurrent && (variant.slug === image || variant.name === image));
  return current ? [] : compare("image", cvm.os?.name, image);
}

/** Lists the settings of the app-compose that would change; these alone change the compose hash. */
export function listComposeChanges(input: ConfigureCvmInput, facts: PlanFacts): ConfigurationChange[] {
  const { visibility } = facts.cvm;
  const now = facts.file?.settings;
  return [
    ...compareText("dockerComposeFile", now?.docker_compose_file, input.dockerComposeFile),
    ...compareText("preLaunchScript", now?.pre_launch_script, input.preLaunchScript),
    ...compareKeys(facts),
    ...compare("publicLogs", now?.public_logs ?? visibility.publicLogs, input.publicLogs),
    ...compare("publicSysinfo", now?.public_sysinfo ?? visibility.publicSysinfo, input.publicSysinfo),
    ...compare("publicTcbinfo", now?.public_tcbinfo ?? visibility.publicTcbinfo, input.publicTcbinfo),
  ];
}

/** Lists the other settings that would change. What cannot be compared counts as a change. */
export function listOtherChanges(input: ConfigureCvmInput, facts: PlanFacts): ConfigurationChange[] {
  const { resources } = facts.cvm;
  return [
    ...(input.env ? [{ field: "env", before: HIDDEN, after: HIDDEN }] : []),
    ...compare("vcpu", resources.vcpu, input.vcpu),
    ...compare("memoryMb", resources.memoryMb, input.memoryMb),
    ...compare("diskSizeGb", resources.diskSizeGb, input.diskSizeGb),
    ...compareImage(facts, input.image),
    ...(input.userConfig == null ? [] : [{ field: "userConfig", before: HIDDEN, after: HIDDEN }]),
  ];
}
