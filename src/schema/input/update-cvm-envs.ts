import { builder } from "../core/builder.ts";
import { EnvInput } from "./environment.ts";
import type { Given } from "./given.ts";
import { secondPhaseFields, writeInputFields } from "./write.ts";

/** `UpdateCvmEnvsInput` */
export const UpdateCvmEnvsInput = builder.inputType("UpdateCvmEnvsInput", {
  description: "Complete new environment for a CVM.",
  fields: (t) => ({
    ...writeInputFields(t),
    env: t.field({ type: EnvInput, required: true, description: "Complete new environment." }),
    removeKeys: t.stringList({
      description:
        "Names of environment variables that the CVM allows now and that the new environment drops on purpose. Any name that the CVM allows now is accepted. The mutation fails if any other name would be lost.",
    }),
    ...secondPhaseFields(t),
  }),
});

/** The parsed input of `updateCvmEnvs`. */
export type UpdateCvmEnvsInput = Given<typeof UpdateCvmEnvsInput.$inferInput>;
