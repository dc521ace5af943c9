import { updateCvmResources } from "../../resolvers/configure/update-cvm-resources.ts";
import { updateCvmVisibility } from "../../resolvers/configure/update-cvm-visibility.ts";
import { updateOsImage } from "../../resolvers/configure/update-os-image.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { ConfigureCvmResult } from "./configure-cvm.ts";
import { writeInputFields } from "./write-input.ts";

const UpdateCvmResourcesInput = builder.inputType("UpdateCvmResourcesInput", {
  description:
    "New resources. What is left out stays as it is. Numbers are whole, though their type is Float.",
  fields: (t) => ({
    ...writeInputFields(t),
    vcpu: t.float({ description: "The number of virtual CPUs." }),
    memoryMb: t.float({ description: "Memory in MB." }),
    diskSizeGb: t.float({
      description: "Disk size in GB. It can only grow: costs an upstream call to check.",
    }),
    instanceType: t.string({ description: "A size such as tdx.medium, which sets vCPUs and memory." }),
    allowRestart: t.boolean({ description: "Whether the CVM may be restarted for it." }),
  }),
});

const UpdateCvmVisibilityInput = builder.inputType("UpdateCvmVisibilityInput", {
  description: "What of a CVM anyone may see.",
  fields: (t) => ({
    ...writeInputFields(t),
    publicSysinfo: t.boolean({ required: true, description: "Whether system figures are public." }),
    publicLogs: t.boolean({ required: true, description: "Whether container logs are public." }),
    publicTcbinfo: t.boolean({
      description: "Whether the TCB's measurements are public; left out, that stays.",
    }),
  }),
});

const UpdateOsImageInput = builder.inputType("UpdateOsImageInput", {
  description: "Another OS image.",
  fields: (t) => ({
    ...writeInputFields(t),
    osImageName: t.string({
      required: true,
      description: "A slug or a name out of Cvm.availableOsImages; only an enabled one.",
    }),
  }),
});

builder.mutationFields((t) => ({
  updateCvmResources: t.field({
    type: ConfigureCvmResult,
    description:
      "Resizes a CVM: vCPUs, memory, disk or instance type. Restarts it. Sends one PATCH /cvms/{id}/resources.",
    args: { input: t.arg({ type: UpdateCvmResourcesInput, required: true, description: "The resources." }) },
    extensions: costs(3),
    resolve: (_root, { input }, ctx) => updateCvmResources(ctx, input),
  }),
  updateCvmVisibility: t.field({
    type: ConfigureCvmResult,
    description:
      "Sets what anyone may see. The flags are part of the app-compose, so this restarts the CVM, and on chain it can answer OnChainHashRequired: go on with confirmCvmPatch then. Sends one PATCH /cvms/{id}/visibility, after one read of the present flags.",
    args: { input: t.arg({ type: UpdateCvmVisibilityInput, required: true, description: "The flags." }) },
    extensions: costs(3),
    resolve: (_root, { input }, ctx) => updateCvmVisibility(ctx, input),
  }),
  updateOsImage: t.field({
    type: ConfigureCvmResult,
    description:
      "Moves a CVM to another OS image. Restarts it. Sends one PATCH /cvms/{id}/os-image, after one read of the images that it can have.",
    args: { input: t.arg({ type: UpdateOsImageInput, required: true, description: "The image." }) },
    extensions: costs(3),
    resolve: (_root, { input }, ctx) => updateOsImage(ctx, input),
  }),
}));
