import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { writeInputFields } from "./write.ts";

/** `UpdateCvmVisibilityInput` */
export const UpdateCvmVisibilityInput = builder.inputType("UpdateCvmVisibilityInput", {
  description: "What anyone can see of a CVM without a credential.",
  fields: (t) => ({
    ...writeInputFields(t),
    publicSysinfo: t.boolean({
      required: true,
      description: "Whether anyone can read system information and statistics.",
    }),
    publicLogs: t.boolean({ required: true, description: "Whether anyone can read the container logs." }),
    publicTcbinfo: t.boolean({
      description:
        "Whether anyone can read the measurements of the trusted computing base (TCB). Unchanged if left out.",
    }),
  }),
});

/** The parsed input of `updateCvmVisibility`. */
export type UpdateCvmVisibilityInput = Given<typeof UpdateCvmVisibilityInput.$inferInput>;
