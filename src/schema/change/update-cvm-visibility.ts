import { updateCvmVisibility } from "../../resolvers/configure/update-cvm-visibility.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { UpdateCvmVisibilityInput } from "../input/update-cvm-visibility.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { queuedCalls } from "./write-cost.ts";

builder.mutationField("updateCvmVisibility", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description:
      "Change what anyone can see of a CVM without a credential. The flags are part of the app-compose, so the CVM restarts. With an on-chain KMS the answer can be OnChainHashRequired: continue with confirmCvmPatch. Sends one PATCH /cvms/{id}/visibility. Where the REST API no longer has this endpoint (404 or 405 without an error code, so nothing was applied), the same flags are sent with PATCH /cvms/{id}.",
    args: {
      input: t.arg({ type: UpdateCvmVisibilityInput, required: true, description: "New flags." }),
    },
    cost: {
      calls: 2,
      more: [
        { calls: 1, when: "if the flags are as before" },
        { calls: 1, when: "if the REST API no longer has /cvms/{id}/visibility" },
        ...queuedCalls,
      ],
    },
    resolve: (_root, { input }, ctx) => runWrite(ctx, updateCvmVisibility, omitAbsent(input)),
  }),
);
