import type { Context } from "../context.ts";
import { updateOsImage as sendOsImage } from "../upstream/os-image.ts";
import { readCvmRef } from "./cvm-input.ts";
import { assertNoProblems, describeInvalid } from "./input-problem.ts";
import { findImageProblems } from "./pre-write-checks.ts";
import { type ConfigureCvmResult, finishWrite } from "./update-result.ts";

/** The input of `updateOsImage`. */
export type UpdateOsImageInput = { readonly id: string; readonly osImageName: string };

/** Moves a CVM to another OS image. */
export async function updateOsImage(ctx: Context, input: UpdateOsImageInput): Promise<ConfigureCvmResult> {
  const ref = readCvmRef(input.id, "input.id");
  const path = "input.osImageName";
  if (input.osImageName.trim() === "") assertNoProblems([describeInvalid(path, "Must not be empty.")]);
  assertNoProblems(await findImageProblems(ctx, ref, input.osImageName, path));
  return finishWrite(ctx, ref, await sendOsImage(ctx.upstream, ref, input.osImageName));
}
