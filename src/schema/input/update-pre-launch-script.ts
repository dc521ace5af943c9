import { MAX_COMPOSE_BYTES } from "../../limits.ts";
import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { secondPhaseFields, writeInputFields } from "./write.ts";

/** `UpdatePreLaunchScriptInput` */
export const UpdatePreLaunchScriptInput = builder.inputType("UpdatePreLaunchScriptInput", {
  description: "New pre-launch script for a CVM.",
  fields: (t) => ({
    ...writeInputFields(t),
    preLaunchScript: t.string({
      required: true,
      description: `Script that runs before the containers start, at most ${MAX_COMPOSE_BYTES / 1024} KiB in UTF-8. It must not be empty here. To remove the script, use configureCvm with preLaunchScript: "".`,
    }),
    ...secondPhaseFields(t),
  }),
});

/** The parsed input of `updatePreLaunchScript`. */
export type UpdatePreLaunchScriptInput = Given<typeof UpdatePreLaunchScriptInput.$inferInput>;
