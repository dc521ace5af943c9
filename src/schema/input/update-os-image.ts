import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { writeInputFields } from "./write.ts";

/** `UpdateOsImageInput` */
export const UpdateOsImageInput = builder.inputType("UpdateOsImageInput", {
  description: "OS image that a CVM moves to.",
  fields: (t) => ({
    ...writeInputFields(t),
    osImageName: t.string({
      required: true,
      description: "Slug (preferred) or a name from Cvm.availableOsImages. The image must be enabled.",
    }),
  }),
});

/** The parsed input of `updateOsImage`. */
export type UpdateOsImageInput = Given<typeof UpdateOsImageInput.$inferInput>;
