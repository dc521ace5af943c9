import { updateDockerCompose } from "../../resolvers/configure/update-docker-compose.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { UpdateDockerComposeInput } from "../input/update-docker-compose.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { confirmationCalls, secondPhaseCalls } from "./write-cost.ts";

builder.mutationField("updateDockerCompose", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description:
      "Replace the Docker Compose file of a CVM. Restarts the CVM. Sends one PATCH /cvms/{id}/docker-compose. After OnChainHashRequired, send the same input again with composeHash and transactionHash. If the gateway then predicts another compose hash than composeHash, the REST API decides: the gateway first sends the change without hashes, and then with them only if the REST API asks for composeHash. Two requests may be sent then. If the app contract is known not to allow the device of the CVM, the second phase fails with HASH_NOT_ALLOWED and sends nothing.",
    args: {
      input: t.arg({
        type: UpdateDockerComposeInput,
        required: true,
        description: "New Docker Compose file.",
      }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 2, when: "in the second phase", times: ({ input }) => Boolean(input.composeHash) },
        ...secondPhaseCalls,
        ...confirmationCalls,
      ],
    },
    resolve: (_root, { input }, ctx) => runWrite(ctx, updateDockerCompose, omitAbsent(input)),
  }),
);
