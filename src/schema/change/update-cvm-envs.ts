import { updateCvmEnvs } from "../../resolvers/configure/update-cvm-envs.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { ConfigureCvmResult } from "./configure-cvm.ts";
import { EnvInput } from "./env-input.ts";
import { secondPhaseFields, writeInputFields } from "./write-input.ts";

const UpdateCvmEnvsInput = builder.inputType("UpdateCvmEnvsInput", {
  description: "A new environment.",
  fields: (t) => ({
    ...writeInputFields(t),
    env: t.field({ type: EnvInput, required: true, description: "The new environment, whole." }),
    removeKeys: t.stringList({
      description:
        "Environment keys that the CVM allows now and that the new environment is meant to lack. Any other key that would be lost is refused.",
    }),
    ...secondPhaseFields(t),
  }),
});

builder.mutationField("updateCvmEnvs", (t) =>
  t.field({
    type: ConfigureCvmResult,
    description:
      "Replaces the environment. Restarts the CVM. On chain, only another list of keys wants a registered hash; then send the same input again with composeHash and transactionHash: the gateway sees that it still has that hash where it can compute it, at two reads. Sends one PATCH /cvms/{id}/envs, after one read of the present keys and, for env.plain, one to three for the environment key.",
    args: { input: t.arg({ type: UpdateCvmEnvsInput, required: true, description: "The environment." }) },
    extensions: costs(6),
    resolve: (_root, { input }, ctx) => updateCvmEnvs(ctx, input),
  }),
);
