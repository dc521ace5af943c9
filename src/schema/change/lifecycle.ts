import { changePower, restartCvm } from "../../resolvers/configure/lifecycle.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { InProgress } from "./in-progress.ts";
import { writeInputFields } from "./write-input.ts";

const CvmRefInput = builder.inputType("CvmRefInput", {
  description: "A CVM.",
  fields: (t) => ({
    ...writeInputFields(t),
  }),
});

const RestartCvmInput = builder.inputType("RestartCvmInput", {
  description: "A CVM, and how it is restarted.",
  fields: (t) => ({
    ...writeInputFields(t),
    force: t.boolean({
      defaultValue: false,
      description:
        "Cut its power instead of shutting it down first. What it has not written to disk is lost.",
    }),
  }),
});

builder.mutationFields((t) => ({
  startCvm: t.field({
    type: InProgress,
    description: "Starts a CVM that is off. Sends one POST /cvms/{id}/start.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "The CVM." }) },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => changePower(ctx, input, "start"),
  }),
  stopCvm: t.field({
    type: InProgress,
    description:
      "Cuts a CVM's power at once. It is never refused and cancels whatever runs on the CVM, an update that is half done too: shutdownCvm is the gentle way. Sends one POST /cvms/{id}/stop.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "The CVM." }) },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => changePower(ctx, input, "stop"),
  }),
  shutdownCvm: t.field({
    type: InProgress,
    description: "Shuts a CVM down in good order. Sends one POST /cvms/{id}/shutdown.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "The CVM." }) },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => changePower(ctx, input, "shutdown"),
  }),
  restartCvm: t.field({
    type: InProgress,
    description: "Restarts a CVM with the configuration that it has. Sends one POST /cvms/{id}/restart.",
    args: { input: t.arg({ type: RestartCvmInput, required: true, description: "The CVM." }) },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => restartCvm(ctx, input),
  }),
}));
