import { updateOsImage } from "../../resolvers/configure/update-os-image.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { UpdateOsImageInput } from "../input/update-os-image.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { queuedCalls } from "./write-cost.ts";

builder.mutationField("updateOsImage", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description: "Move a CVM to another OS image. Restarts the CVM. Sends one PATCH /cvms/{id}/os-image.",
    args: {
      input: t.arg({ type: UpdateOsImageInput, required: true, description: "New OS image." }),
    },
    cost: { calls: 2, more: queuedCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, updateOsImage, omitAbsent(input)),
  }),
);
