import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { writeInputFields } from "./write.ts";

/** `RestartCvmInput` */
export const RestartCvmInput = builder.inputType("RestartCvmInput", {
  description: "CVM to restart, and how.",
  fields: (t) => ({
    ...writeInputFields(t),
    force: t.boolean({
      defaultValue: false,
      description:
        "Power the CVM off instead of shutting it down first. Data that is not yet written to disk is lost.",
    }),
  }),
});

/** The parsed input of `restartCvm`. */
export type RestartCvmInput = Given<typeof RestartCvmInput.$inferInput>;
