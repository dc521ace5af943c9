import { updateDockerCompose, updatePreLaunchScript } from "../../resolvers/configure/update-text.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { ConfigureCvmResult } from "./configure-cvm.ts";
import { secondPhaseFields, writeInputFields } from "./write-input.ts";

const UpdateDockerComposeInput = builder.inputType("UpdateDockerComposeInput", {
  description: "A new Docker Compose file.",
  fields: (t) => ({
    ...writeInputFields(t),
    dockerComposeFile: t.string({
      required: true,
      description: "The Docker Compose YAML, with a services mapping; at most 200 KiB in UTF-8.",
    }),
    ...secondPhaseFields(t),
  }),
});

const UpdatePreLaunchScriptInput = builder.inputType("UpdatePreLaunchScriptInput", {
  description: "A new pre-launch script.",
  fields: (t) => ({
    ...writeInputFields(t),
    preLaunchScript: t.string({
      required: true,
      description:
        'The script that runs before the containers start; at most 200 KiB in UTF-8. It cannot be empty here: configureCvm with preLaunchScript: "" removes the script.',
    }),
    ...secondPhaseFields(t),
  }),
});

builder.mutationFields((t) => ({
  updateDockerCompose: t.field({
    type: ConfigureCvmResult,
    description:
      "Replaces the Docker Compose file. Restarts the CVM. After OnChainHashRequired, send the same file again with composeHash and transactionHash: the gateway sees that it still has that hash where it can compute it, at two reads. Sends one PATCH /cvms/{id}/docker-compose.",
    args: { input: t.arg({ type: UpdateDockerComposeInput, required: true, description: "The file." }) },
    extensions: costs(4),
    resolve: (_root, { input }, ctx) => updateDockerCompose(ctx, input),
  }),
  updatePreLaunchScript: t.field({
    type: ConfigureCvmResult,
    description:
      "Replaces the pre-launch script. Restarts the CVM. After OnChainHashRequired, send the same script again with composeHash and transactionHash: the gateway sees that it still has that hash where it can compute it, at two reads. Sends one PATCH /cvms/{id}/pre-launch-script.",
    args: { input: t.arg({ type: UpdatePreLaunchScriptInput, required: true, description: "The script." }) },
    extensions: costs(4),
    resolve: (_root, { input }, ctx) => updatePreLaunchScript(ctx, input),
  }),
}));
