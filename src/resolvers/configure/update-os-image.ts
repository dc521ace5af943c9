import type { UpdateOsImageInput } from "../../schema/input/update-os-image.ts";
import type { InProgress } from "../../upstream/configuration/in-progress.ts";
import { sendOsImage } from "../../upstream/configuration/os-images.ts";
import { assertNoProblems } from "../write/input-problem.ts";
import type { Write } from "../write/types.ts";
import { findImageProblems } from "./live-checks.ts";
import { findNameProblems } from "./setting-checks.ts";

/** Move a CVM to another OS image. */
export const updateOsImage: Write<UpdateOsImageInput, string, InProgress> = {
  name: "updateOsImage",
  check: ({ osImageName }) => findNameProblems("input.osImageName", osImageName),
  async prepare(ctx, ref, { osImageName }) {
    assertNoProblems(await findImageProblems(ctx, ref, osImageName, "input.osImageName"));
    return osImageName;
  },
  send: (ctx, ref, osImageName) => sendOsImage(ctx.upstream, ref, osImageName),
};
