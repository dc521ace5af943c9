import { builder } from "../core/builder.ts";
import type { Given } from "./given.ts";
import { writeInputFields } from "./write.ts";

/** `UpdateCvmResourcesInput` */
export const UpdateCvmResourcesInput = builder.inputType("UpdateCvmResourcesInput", {
  description:
    "New resources for a CVM. Resources that are left out stay as they are. All numbers are whole numbers, although their type is Float.",
  fields: (t) => ({
    ...writeInputFields(t),
    vcpu: t.float({ description: "Number of virtual CPUs." }),
    memoryMb: t.float({ description: "Memory in MB." }),
    diskSizeGb: t.float({
      description: "Disk size in GB. A disk can only grow.",
    }),
    instanceType: t.string({
      description:
        "Instance type, for example tdx.medium. It sets the number of vCPUs and the memory, and should win over vcpu and memoryMb: the published clients leave it out when they send numbers. The REST API does not document this, so give either the type or the numbers.",
    }),
    allowRestart: t.boolean({ description: "Whether the CVM may be restarted to apply the change." }),
  }),
});

/** The parsed input of `updateCvmResources`. */
export type UpdateCvmResourcesInput = Given<typeof UpdateCvmResourcesInput.$inferInput>;
