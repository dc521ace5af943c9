import { updateCvmResources } from "../../resolvers/configure/update-cvm-resources.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { UpdateCvmResourcesInput } from "../input/update-cvm-resources.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { queuedCalls } from "./write-cost.ts";

builder.mutationField("updateCvmResources", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description:
      "Resize a CVM: vCPUs, memory, disk or instance type. Restarts the CVM. Sends one PATCH /cvms/{id}/resources. Where the REST API no longer has this endpoint (404 or 405 without an error code, so nothing was applied), the same fields are sent with PATCH /cvms/{id}.",
    args: {
      input: t.arg({ type: UpdateCvmResourcesInput, required: true, description: "New resources." }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 1, when: "for diskSizeGb", times: ({ input }) => Boolean(input.diskSizeGb) },
        { calls: 1, when: "if the REST API no longer has /cvms/{id}/resources" },
        ...queuedCalls,
      ],
    },
    resolve: (_root, { input }, ctx) => runWrite(ctx, updateCvmResources, omitAbsent(input)),
  }),
);
