import { MAX_COMPOSE_BYTES } from "../../limits.ts";
import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { secondPhaseFields, writeInputFields } from "./write.ts";

/** `UpdateDockerComposeInput` */
export const UpdateDockerComposeInput = builder.inputType("UpdateDockerComposeInput", {
  description: "New Docker Compose file for a CVM.",
  fields: (t) => ({
    ...writeInputFields(t),
    dockerComposeFile: t.string({
      required: true,
      description: `Docker Compose file in YAML, with a "services" mapping, at most ${MAX_COMPOSE_BYTES / 1024} KiB in UTF-8.`,
    }),
    ...secondPhaseFields(t),
  }),
});

/** The parsed input of `updateDockerCompose`. */
export type UpdateDockerComposeInput = Given<typeof UpdateDockerComposeInput.$inferInput>;
