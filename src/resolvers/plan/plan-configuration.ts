import type { Context } from "../../context.ts";
import { assertCredential } from "../../credential.ts";
import { isEnvKey } from "../../crypto/env-rules.ts";
import { MAX_PLAN_PROBLEMS } from "../../limits.ts";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import { measuredSettingNames } from "../../upstream/configuration/settings.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { fetchIsAllowed } from "../../upstream/resources/is-allowed.ts";
import { parseHexBytes } from "../../upstream/transport/wire-scalars.ts";
import { predictComposeHashes } from "../compose/predicted-hash.ts";
import { bestEffort } from "../configure/best-effort.ts";
import { computeConfigVersion } from "../cvm/config-version.ts";
import { fetchContractOwner } from "../cvm/contract-flags.ts";
import { parseCvmRefArgument } from "../cvm/cvm-ref-argument.ts";
import { chooseAllowedKeys } from "../environment/environment-change.ts";
import type { InputProblem } from "../write/input-problem.ts";
import { type ConfigurationChange, listComposeChanges, listOtherChanges } from "./changes.ts";
import { findComposeWarnings } from "./compose-warnings.ts";
import {
  findSettingWarnings,
  operationRunning,
  ownerMissing,
  type PlanProblem,
  toPlanError,
} from "./plan-problem.ts";
import { findRejections } from "./rejections.ts";

const ZERO_ADDRESS = `0x${"0".repeat(40)}`;

/** What `configureCvm` would do with an input. */
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

/** Dry run of `configureCvm`. Sends no write, and reads only what the given settings need. */
export async function planConfiguration(ctx: Context, input: ConfigureCvmInput): Promise<ConfigurationPlan> {
  assertCredential(ctx.credential);
  const ref = parseCvmRefArgument(input.id, "input.id");
  const [cvm, file, available] = await Promise.all([
    ctx.loaders.cvm(ref),
    touchesAppCompose(input) ? ctx.loaders.composeFile(ref) : null,
    input.image === undefined ? null : bestEffort(ctx.loaders.availableOsImages(ref)),
  ]);
  // A document can have many plans, whose reads are shared and end at the same time.
  await ctx.takeTurn();
  const present = file?.settings.allowed_envs ?? [];
  const keys = chooseAllowedKeys(input, present);
  const shown = listShownKeys(keys);
  const facts = { cvm, file, images: available?.images ?? null, keys: shown };
  const composeChanges = listComposeChanges(input, facts);
  const changes = [...composeChanges, ...listOtherChanges(input, facts)];

  const composeHashAfter =
    file === null
      ? cvm.composeHash
      : (predictComposeHashes(file, cvm.composeHash, { ...input, allowedEnvs: keys ?? undefined })?.[0] ??
        null);
  const changesHash =
    composeHashAfter === null ? composeChanges.length > 0 : composeHashAfter !== cvm.composeHash;
  const requiresOnChainHash = cvm.kms.requiresOnChainHash && changesHash;

  const [rejections, hashAlreadyAllowed, owner] = await Promise.all([
    findRejections(ctx, ref, cvm, file, input),
    requiresOnChainHash && composeHashAfter !== null
      ? fetchHashAllowed(ctx, ref, cvm, composeHashAfter)
      : null,
    requiresOnChainHash ? fetchContractOwner(ctx, cvm) : null,
  ]);
  await ctx.takeTurn();
  const before = new Set(present);
  const after = new Set(shown ?? present);
  const problems = [
    ...rejections.map(toPlanError),
    ...(file === null || hasWrongText(rejections)
      ? []
      : await findComposeWarnings(ctx, input, file, [...after])),
    ...findSettingWarnings(input),
    ...(owner === ZERO_ADDRESS && !hashAlreadyAllowed ? [ownerMissing] : []),
    ...(cvm.inProgress ? [operationRunning] : []),
  ];
  return {
    changes,
    restarts: changes.length > 0 && cvm.rawStatus.toLowerCase() !== "stopped",
    composeHashBefore: parseHexBytes(cvm.composeHash),
    composeHashAfter,
    requiresOnChainHash,
    hashAlreadyAllowed,
    envKeysAdded: [...after].filter((key) => !before.has(key)),
    envKeysRemoved: [...before].filter((key) => !after.has(key)),
    problems: problems.slice(0, MAX_PLAN_PROBLEMS),
    configVersion: computeConfigVersion(cvm),
  };
}

/** Whether the input changes the app-compose, or can do so with the names of a new environment. */
function touchesAppCompose(input: ConfigureCvmInput): boolean {
  const given = new Set(Object.keys(input));
  return given.has("env") || measuredSettingNames.some((name) => given.has(name));
}

/** Whether the Compose file or the script is rejected. Then the file is not checked a second time. */
function hasWrongText(rejections: readonly InputProblem[]): boolean {
  return rejections.some(
    ({ path }) => path === "input.dockerComposeFile" || path === "input.preLaunchScript",
  );
}

/** Leave out names that are not valid: such a name may be a value in the wrong field. */
function listShownKeys(keys: readonly string[] | null): readonly string[] | null {
  return keys?.filter(isEnvKey) ?? null;
}

async function fetchHashAllowed(
  ctx: Context,
  ref: CvmRef,
  cvm: Cvm,
  composeHash: string,
): Promise<boolean | null> {
  const contract = ctx.loaders.appContract(cvm.kms);
  if (contract !== null) return contract.fetchHashAllowed(composeHash);
  const answer = await bestEffort(fetchIsAllowed(ctx.upstream, ref, composeHash));
  return answer?.composeHashAllowed ?? null;
}
