import type { Context } from "../../context.ts";
import { updateOsImage as sendOsImage } from "../../upstream/configuration/os-image.ts";
import { assertNoProblems, describeInvalid } from "../write/input-problem.ts";
import { runWrite, type WriteInput } from "../write/run-write.ts";
import { type ConfigureCvmResult, finishWrite } from "../write/write-result.ts";
import { findImageProblems } from "./pre-write-checks.ts";

/** The input of `updateOsImage`. */
export type UpdateOsImageInput = WriteInput & { readonly osImageName: string };

/** Moves a CVM to another OS image. */
export function updateOsImage(ctx: Context, input: UpdateOsImageInput): Promise<ConfigureCvmResult> {
  return runWrite(ctx, "updateOsImage", input, (ref) => {
    const path = "input.osImageName";
    if (input.osImageName.trim() === "") assertNoProblems([describeInvalid(path, "Must not be empty.")]);
    return async () => {
      assertNoProblems(await findImageProblems(ctx, ref, input.osImageName, path));
      return finishWrite(ctx, ref, await sendOsImage(ctx.upstream, ref, input.osImageName));
    };
  });
}
