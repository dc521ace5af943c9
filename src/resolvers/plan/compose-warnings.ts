import type { ComposeProblem } from "../../compose/problem.ts";
import type { Context } from "../../context.ts";
import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import type { PlanProblem } from "./plan-problem.ts";

/**
 * Find likely mistakes in a Compose file and in the names of its environment variables.
 *
 * @param names - the names that the guest will accept
 * @throws {GatewayError} `RATE_LIMITED` if too many files are being checked
 */
export async function findComposeWarnings(
  { composeInspector, caller }: Context,
  input: ConfigureCvmInput,
  { settings }: AppCompose,
  names: readonly string[],
): Promise<PlanProblem[]> {
  const { dockerComposeFile, env, allowedEnvs } = input;
  const givesFile = dockerComposeFile !== undefined;
  const givesNames = env !== undefined || allowedEnvs !== undefined;
  if (!givesFile && !givesNames) return [];
  const { content } = await composeInspector.inspect(caller, {
    text: dockerComposeFile ?? settings.docker_compose_file ?? "",
    services: givesFile,
    variables: { script: input.preLaunchScript ?? settings.pre_launch_script ?? "", names },
  });
  const namesField = env ? "input.env" : givesNames ? "input.allowedEnvs" : "input.dockerComposeFile";
  return content.map((problem) =>
    givesFile && problem.subject === "file"
      ? toPlanProblem(problem, "input.dockerComposeFile")
      : toPlanProblem({ ...problem, line: null, column: null }, namesField),
  );
}

function toPlanProblem({ subject: _subject, ...problem }: ComposeProblem, field: string): PlanProblem {
  return { ...problem, field };
}
