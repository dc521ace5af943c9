import type { Context } from "../../context.ts";
import { isEnvKey } from "../../crypto/env-rules.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { fetchIsAllowed } from "../../upstream/resources/is-allowed.ts";
import { parseHexBytes } from "../../upstream/transport/wire-scalars.ts";
import { findSizeProblems, readComposeDocument } from "../compose/compose-document.ts";
import { foretellComposeHash } from "../compose/predicted-hash.ts";
import { type ConfigureCvmInput, findConfigureProblems } from "../configure/configure-input.ts";
import {
  findDiskProblems,
  findImageProblems,
  findPrepareProblems,
  readIfPossible,
} from "../configure/pre-write-checks.ts";
import { computeConfigVersion } from "../cvm/config-version.ts";
import { readCvmRef } from "../cvm/cvm-ref-argument.ts";
import { chooseAllowedKeys } from "../environment/env-change.ts";
import { findLostKeyProblems } from "../environment/env-input.ts";
import { findKeyRefusal, readEnvKey } from "../environment/env-key.ts";
import type { InputProblem } from "../write/input-problem.ts";
import { type ConfigurationChange, listComposeChanges, listOtherChanges } from "./changes.ts";
import { type PlanProblem, toPlanError } from "./plan-problem.ts";
import { findServiceProblems } from "./services.ts";
import { findVariableProblems } from "./variables.ts";

/** What a `configureCvm` with some input would do. */
export type ConfigurationPlan = {
  readonly changes: readonly ConfigurationChange[];
  readonly restarts: boolean;
  readonly composeHashBefore: string | null;
  readonly composeHashAfter: string | null;
  readonly requiresOnChainHash: boolean;
  readonly hashAlreadyAllowed: boolean | null;
  readonly envKeysAdded: readonly string[];
  readonly envKeysRemoved: readonly string[];
  readonly problems: readonly PlanProblem[];
  readonly configVersion: string;
};

/** Problems that are told at most. */
const MAX_PROBLEMS = 100;

const COMPOSE_FIELDS = [
  "dockerComposeFile",
  "preLaunchScript",
  "allowedEnvs",
  "env",
  "publicLogs",
  "publicSysinfo",
  "publicTcbinfo",
] as const;

function touchesCompose(input: ConfigureCvmInput): boolean {
  return COMPOSE_FIELDS.some((field) => input[field] !== null && input[field] !== undefined);
}

function listCombinedSizeProblems(input: ConfigureCvmInput, { settings }: AppCompose): InputProblem[] {
  const { dockerComposeFile: compose, preLaunchScript: script } = input;
  const given = (compose ?? null) !== null || (script ?? null) !== null;
  if (!given || findSizeProblems("", compose, "", script).length > 0) return [];
  const path = compose ? "input.dockerComposeFile" : "input.preLaunchScript";
  return findSizeProblems(
    path,
    compose ?? settings.docker_compose_file,
    path,
    script ?? settings.pre_launch_script,
  );
}

async function findKeyProblems(ctx: Context, cvm: Cvm, input: ConfigureCvmInput): Promise<InputProblem[]> {
  if (!input.env?.plain || !ctx.envPolicy.allowPlaintext) return [];
  const key = await readIfPossible(readEnvKey(ctx, cvm).then((read) => ({ read })));
  const message = key && findKeyRefusal(ctx, key.read);
  return message === null ? [] : [{ code: "KMS_KEY_NOT_TRUSTED", path: "input.env.plain", message }];
}

/** Everything for which `configureCvm` would refuse the input. */
async function findRefusals(
  ctx: Context,
  ref: CvmRef,
  cvm: Cvm,
  file: AppCompose | null,
  input: ConfigureCvmInput,
): Promise<InputProblem[]> {
  const found = await Promise.all([
    findConfigureProblems(input, ctx.envPolicy.allowPlaintext),
    file === null ? [] : listCombinedSizeProblems(input, file),
    file === null ? [] : findLostKeyProblems(input, file.settings.allowed_envs ?? []),
    findDiskProblems(ctx, ref, input.diskSizeGb),
    findImageProblems(ctx, ref, input.image, "input.image"),
    input.prepareOnly ? findPrepareProblems(ctx, ref, input) : [],
    findKeyProblems(ctx, cvm, input),
  ]);
  return found.flat();
}

function findComposeWarnings(
  input: ConfigureCvmInput,
  { settings }: AppCompose,
  keys: readonly string[],
): PlanProblem[] {
  const composeField = (input.dockerComposeFile ?? null) === null ? null : "input.dockerComposeFile";
  const changesKeys = Boolean(input.env ?? input.allowedEnvs);
  if (composeField === null && !changesKeys) return [];
  const text = input.dockerComposeFile ?? settings.docker_compose_file ?? "";
  const document = readComposeDocument(text, composeField ?? "");
  const keysField = input.env ? "input.env" : changesKeys ? "input.allowedEnvs" : "input.dockerComposeFile";
  return [
    ...(composeField === null ? [] : findServiceProblems(document, composeField)),
    ...findVariableProblems({
      document,
      script: input.preLaunchScript ?? settings.pre_launch_script ?? "",
      keys,
      composeField,
      keysField,
    }),
  ];
}

const operationRunning: PlanProblem = {
  severity: "WARNING",
  code: "OPERATION_RUNNING",
  message:
    "An operation runs on this CVM: the change is refused with OPERATION_IN_PROGRESS until it has ended.",
  field: null,
  line: null,
  column: null,
};

async function readHashAllowed(ctx: Context, ref: CvmRef, composeHash: string): Promise<boolean | null> {
  const answer = await readIfPossible(fetchIsAllowed(ctx.upstream, ref, composeHash));
  return answer?.composeHashAllowed ?? null;
}

/**
 * Foretells what `configureCvm` would do with an input. Nothing is written; only what the given fields need
 * is read.
 */
export async function planConfiguration(ctx: Context, input: ConfigureCvmInput): Promise<ConfigurationPlan> {
  const ref = readCvmRef(input.id, "input.id");
  const [cvm, file, images] = await Promise.all([
    ctx.loaders.cvm(ref),
    touchesCompose(input) ? ctx.loaders.composeFile(ref) : null,
    input.image ? readIfPossible(ctx.loaders.availableOsImages(ref)) : null,
  ]);
  const allowedNow = file?.settings.allowed_envs ?? [];
  // A wrong name may be a value that slipped into the wrong field: it is a problem already, and not shown.
  const keys = chooseAllowedKeys(input, allowedNow);
  const shownKeys = keys?.filter(isEnvKey) ?? null;
  const facts = { cvm, file, images, keys: shownKeys };
  const composeChanges = listComposeChanges(input, facts);
  const changes = [...composeChanges, ...listOtherChanges(input, facts)];
  const composeHashAfter =
    file === null ? cvm.composeHash : foretellComposeHash(file.json, cvm.composeHash, input, keys);
  const changesHash =
    composeHashAfter === null ? composeChanges.length > 0 : composeHashAfter !== cvm.composeHash;
  const requiresOnChainHash = cvm.kms.requiresOnChainHash && changesHash;
  const [refusals, hashAlreadyAllowed] = await Promise.all([
    findRefusals(ctx, ref, cvm, file, input),
    requiresOnChainHash && composeHashAfter !== null ? readHashAllowed(ctx, ref, composeHashAfter) : null,
  ]);
  const now = new Set(allowedNow);
  const after = new Set(shownKeys ?? allowedNow);
  const problems = [
    ...refusals.map(toPlanError),
    ...(file === null ? [] : findComposeWarnings(input, file, [...after])),
    ...(cvm.inProgress ? [operationRunning] : []),
  ];
  return {
    changes,
    restarts: changes.length > 0 && cvm.rawStatus.toLowerCase() !== "stopped",
    composeHashBefore: parseHexBytes(cvm.composeHash),
    composeHashAfter,
    requiresOnChainHash,
    hashAlreadyAllowed,
    envKeysAdded: [...after].filter((key) => !now.has(key)),
    envKeysRemoved: [...now].filter((key) => !after.has(key)),
    problems: problems.slice(0, MAX_PROBLEMS),
    configVersion: computeConfigVersion(cvm),
  };
}
