import type { Context } from "../../context.ts";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { CvmRef } from "../../upstream/cvm-ref.ts";
import type { Cvm } from "../../upstream/resources/cvms.ts";
import { findSizeProblems } from "../compose/compose-text.ts";
import { bestEffort } from "../configure/best-effort.ts";
import { findLiveProblems } from "../configure/live-checks.ts";
import { findConfigureProblems } from "../configure/setting-checks.ts";
import { findEnvironmentKey, findKeyObjection } from "../environment/environment-key.ts";
import type { InputProblem } from "../write/input-problem.ts";

/** Find everything for which `configureCvm` would reject the input. */
export async function findRejections(
  ctx: Context,
  ref: CvmRef,
  cvm: Cvm,
  file: AppCompose | null,
  input: ConfigureCvmInput,
): Promise<InputProblem[]> {
  const found = await Promise.all([
    findConfigureProblems(ctx, input),
    file === null ? [] : findCombinedSizeProblems(input, file),
    findLiveProblems(ctx, ref, input),
    findEnvironmentKeyProblems(ctx, cvm, input),
  ]);
  return found.flat();
}

/** Find a new text that exceeds the limit only together with the other text that the CVM has now. */
function findCombinedSizeProblems(input: ConfigureCvmInput, { settings }: AppCompose): InputProblem[] {
  const { dockerComposeFile: compose, preLaunchScript: script } = input;
  if (compose === undefined && script === undefined) return [];
  const given = { path: "", text: compose };
  if (findSizeProblems(given, { path: "", text: script }).length > 0) return [];
  const path = compose ? "input.dockerComposeFile" : "input.preLaunchScript";
  return findSizeProblems(
    { path, text: compose ?? settings.docker_compose_file ?? undefined },
    { path, text: script ?? settings.pre_launch_script ?? undefined },
  );
}

async function findEnvironmentKeyProblems(
  ctx: Context,
  cvm: Cvm,
  { env }: ConfigureCvmInput,
): Promise<InputProblem[]> {
  if (env?.plain === undefined || !ctx.envPolicy.allowPlaintext) return [];
  const fetched = await bestEffort(findEnvironmentKey(ctx, cvm).then((key) => ({ key })));
  const message = fetched && findKeyObjection(ctx, fetched.key);
  return message === null ? [] : [{ code: "KMS_KEY_NOT_TRUSTED", path: "input.env.plain", message }];
}
