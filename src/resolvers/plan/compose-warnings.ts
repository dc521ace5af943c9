import type { ConfigureCvmInput } from "../../schema/input/configure-cvm.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import { parseComposeDocument } from "../compose/compose-document.ts";
import type { PlanProblem } from "./plan-problem.ts";
import { findServiceProblems } from "./services.ts";
import { findVariableProblems } from "./variables.ts";

/**
 * Find likely mistakes in a Compose file and in the names of its environment variables.
 *
 * @param keys - the names that the guest will accept
 */
export function findComposeWarnings(
  input: ConfigureCvmInput,
  { settings }: AppCompose,
  keys: readonly string[],
): PlanProblem[] {
  const { dockerComposeFile, env, allowedEnvs } = input;
  const composeField = dockerComposeFile === undefined ? null : "input.dockerComposeFile";
  const changesKeys = env !== undefined || allowedEnvs !== undefined;
  if (composeField === null && !changesKeys) return [];
  const document = parseComposeDocument(
    dockerComposeFile ?? settings.docker_compose_file ?? "",
    composeField ?? "",
  );
  const keysField = env ? "input.env" : changesKeys ? "input.allowedEnvs" : "input.dockerComposeFile";
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
