import type { Context } from "../../context.ts";
import { type ResourcesPatch, updateResources } from "../../upstream/configuration/resources.ts";
import { assertNoProblems, describeInvalid, type InputProblem } from "../write/input-problem.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "../write/write-result.ts";
import { findDiskProblems } from "./pre-write-checks.ts";

/** The input of `updateCvmResources`; memory in MB, disk in GB. Null stands for "not given". */
export type UpdateCvmResourcesInput = WriteInput & {
  readonly vcpu?: number | null | undefined;
  readonly memoryMb?: number | null | undefined;
  readonly diskSizeGb?: number | null | undefined;
  readonly instanceType?: string | null | undefined;
  readonly allowRestart?: boolean | null | undefined;
};

function findNumberProblems(input: UpdateCvmResourcesInput): InputProblem[] {
  const { vcpu, memoryMb, diskSizeGb } = input;
  return Object.entries({ vcpu, memoryMb, diskSizeGb })
    .filter(
      ([, value]) => value !== null && value !== undefined && !(Number.isSafeInteger(value) && value >= 1),
    )
    .map(([name]) => describeInvalid(`input.${name}`, "Expected a whole number of 1 or more."));
}

function findResourceProblems(input: UpdateCvmResourcesInput): InputProblem[] {
  const problems = findNumberProblems(input);
  if (input.instanceType?.trim() === "") {
    problems.push(describeInvalid("input.instanceType", "Must not be empty."));
  }
  const { vcpu, memoryMb, diskSizeGb, instanceType } = input;
  // allowRestart alone changes nothing: it says how the others may be applied.
  if ([vcpu, memoryMb, diskSizeGb, instanceType].every((value) => value === null || value === undefined)) {
    const message = "Names no change: give vcpu, memoryMb, diskSizeGb or instanceType.";
    problems.push(describeInvalid("input", message));
  }
  return problems;
}

function toResourcesPatch(input: UpdateCvmResourcesInput): ResourcesPatch {
  return {
    ...(input.vcpu == null ? {} : { vcpu: input.vcpu }),
    ...(input.memoryMb == null ? {} : { memory: input.memoryMb }),
    ...(input.diskSizeGb == null ? {} : { disk_size: input.diskSizeGb }),
    ...(input.instanceType == null ? {} : { instance_type: input.instanceType }),
    ...(input.allowRestart == null ? {} : { allow_restart: input.allowRestart }),
  };
}

/** Resizes a CVM through the endpoint for just that. */
export function updateCvmResources(
  ctx: Context,
  input: UpdateCvmResourcesInput,
): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateCvmResources", input, (ref) => {
    assertNoProblems(findResourceProblems(input));
    return async () => {
      assertNoProblems(await findDiskProblems(ctx, ref, input.diskSizeGb));
      return finishWrite(ctx, ref, await updateResources(ctx.upstream, ref, toResourcesPatch(input)));
    };
  });
}
