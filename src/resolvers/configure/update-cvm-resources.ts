import type { UpdateCvmResourcesInput } from "../../schema/input/update-cvm-resources.ts";
import { updateResources } from "../../upstream/configuration/resources.ts";
import { toWireSettings, type WireSettings } from "../../upstream/configuration/settings.ts";
import type { WriteOutcome } from "../../upstream/configuration/write-outcome.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";
import { findDiskProblems } from "./live-checks.ts";
import { findEmptyChange, findNameProblems, findRangeProblems } from "./setting-checks.ts";

/** Resize a CVM through the endpoint for resources. */
export const updateCvmResources: Write<UpdateCvmResourcesInput, WireSettings, WriteOutcome> = {
  name: "updateCvmResources",
  check: (input) => [
    ...findRangeProblems(input),
    ...findNameProblems("input.instanceType", input.instanceType),
    // allowRestart alone changes nothing: it only says how the other settings may be applied.
    ...findEmptyChange(input, ["vcpu", "memoryMb", "diskSizeGb", "instanceType"]),
  ],
  async prepare(ctx, ref, input) {
    assertNoProblems(await findDiskProblems(ctx, ref, input.diskSizeGb));
    return toWireSettings(input);
  },
  send: (ctx, ref, settings) => updateResources(ctx.upstream, ref, settings),
};
