import { commitComposeFileUpdate } from "../../resolvers/compose/commit-compose-file.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { CommitCvmComposeFileUpdateInput } from "../input/compose-file-update.ts";
import { omitAbsent } from "../input/given.ts";
import { InProgress } from "./result/in-progress.ts";
import { queuedCalls } from "./write-cost.ts";

builder.mutationField("commitCvmComposeFileUpdate", (t) =>
  t.field({
    type: InProgress,
    nullable: true,
    description:
      "Second of two steps: apply a provisioned app-compose. Restarts the CVM. The REST API does not check here whether the hash is registered on chain, and a CVM with an unregistered hash stops and does not boot. So the gateway checks it first: if the app contract is known not to allow the hash or the device, the mutation fails with HASH_NOT_ALLOWED and sends nothing. Sends one PATCH /cvms/{id}/compose_file.",
    args: {
      input: t.arg({
        type: CommitCvmComposeFileUpdateInput,
        required: true,
        description: "Provisioned app-compose to apply.",
      }),
    },
    cost: { calls: 2, more: [{ calls: 1, when: "with an on-chain KMS" }, ...queuedCalls] },
    resolve: (_root, { input }, ctx) => runWrite(ctx, commitComposeFileUpdate, omitAbsent(input)),
  }),
);
