import { commitCvmUpdate } from "../../resolvers/configure/commit-cvm-update.ts";
import { configureCvm } from "../../resolvers/configure/configure-cvm.ts";
import { confirmCvmPatch } from "../../resolvers/configure/confirm-cvm-patch.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { CommitCvmUpdateInput, ConfigureCvmInput, ConfirmCvmPatchInput } from "../input/configure-cvm.ts";
import { omitAbsent } from "../input/given.ts";
import { ConfigureCvmResult } from "./result/configure-cvm-result.ts";
import { InProgress } from "./result/in-progress.ts";
import { commitCalls, confirmationCalls, deviceCheckCalls, queuedCalls } from "./write-cost.ts";

builder.mutationField("configureCvm", (t) =>
  t.field({
    type: ConfigureCvmResult,
    nullable: true,
    description:
      "Change several settings of a CVM in one atomic patch: all of them are applied, or none. Restarts the CVM. Sends one PATCH /cvms/{id}. planCvmConfiguration is the dry run.",
    args: {
      input: t.arg({ type: ConfigureCvmInput, required: true, description: "Settings to change." }),
    },
    cost: {
      calls: 1,
      more: [
        {
          calls: 1,
          when: "for env or prepareOnly",
          times: ({ input }) => Boolean(input.env || input.prepareOnly),
        },
        {
          calls: 1,
          when: "for env.plain, diskSizeGb or prepareOnly",
          times: ({ input }) => Boolean(input.env?.plain || input.diskSizeGb || input.prepareOnly),
        },
        {
          calls: 2,
          when: "for env.plain with an on-chain KMS",
          times: ({ input }) => Boolean(input.env?.plain),
        },
        { calls: 1, when: "for image", times: ({ input }) => Boolean(input.image) },
        ...queuedCalls,
      ],
    },
    resolve: (_root, { input }, ctx) => runWrite(ctx, configureCvm, omitAbsent(input)),
  }),
);

builder.mutationField("confirmCvmPatch", (t) =>
  t.field({
    type: InProgress,
    nullable: true,
    description:
      "Apply the change that configureCvm answered with OnChainHashRequired, once its compose hash is registered on chain. Restarts the CVM. If the app contract is known not to allow the device of the CVM, it fails with HASH_NOT_ALLOWED and sends nothing; extensions.prerequisites then has the transactions to send first. Sends one PATCH /cvms/{id}.",
    args: {
      input: t.arg({
        type: ConfirmCvmPatchInput,
        required: true,
        description: "Registered compose hash and its transaction.",
      }),
    },
    cost: { calls: 1, more: [...deviceCheckCalls, ...confirmationCalls] },
    resolve: (_root, { input }, ctx) => runWrite(ctx, confirmCvmPatch, omitAbsent(input)),
  }),
);

builder.mutationField("commitCvmUpdate", (t) =>
  t.field({
    type: InProgress,
    nullable: true,
    description:
      "Apply a change that was prepared with prepareOnly. The commit token is the credential: the caller's own credential is not sent with it. Restarts the CVM. If the request has a credential, the gateway asks with it whether the app contract allows the device of the CVM, and fails with HASH_NOT_ALLOWED if it is known not to. Sends one POST /cvms/{id}/commit-update.",
    args: {
      input: t.arg({
        type: CommitCvmUpdateInput,
        required: true,
        description: "Commit token, the registered compose hash and its transaction.",
      }),
    },
    cost: { calls: 1, more: [...deviceCheckCalls, ...commitCalls] },
    resolve: (_root, { input }, ctx) => runWrite(ctx, commitCvmUpdate, omitAbsent(input)),
  }),
);
