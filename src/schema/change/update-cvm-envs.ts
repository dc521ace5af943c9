import { updateCvmEnvs } from "../../resolvers/configure/update-cvm-envs.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { UpdateCvmEnvsInput } from "../input/update-cvm-envs.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { confirmationCalls, secondPhaseCalls } from "./write-cost.ts";

builder.mutationField("updateCvmEnvs", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description:
      "Replace all environment variables of a CVM. Restarts the CVM. Sends one PATCH /cvms/{id}/envs. With an on-chain KMS, only a changed list of names needs a registered compose hash. After OnChainHashRequired, send the same input again with composeHash and transactionHash. If the gateway then predicts another compose hash than composeHash, the REST API decides: the gateway first sends the change without hashes, and then with them only if the REST API asks for composeHash. Two requests may be sent then. If the app contract is known not to allow the device of the CVM, the second phase fails with HASH_NOT_ALLOWED and sends nothing.",
    args: {
      input: t.arg({ type: UpdateCvmEnvsInput, required: true, description: "New environment." }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 1, when: "for the present names" },
        {
          calls: 1,
          when: "for env.plain or the second phase",
          times: ({ input }) => Boolean(input.env.plain || input.composeHash),
        },
        {
          calls: 2,
          when: "for env.plain with an on-chain KMS",
          times: ({ input }) => Boolean(input.env.plain),
        },
        ...secondPhaseCalls,
        ...confirmationCalls,
      ],
    },
    resolve: (_root, { input }, ctx) => runWrite(ctx, updateCvmEnvs, omitAbsent(input)),
  }),
);
