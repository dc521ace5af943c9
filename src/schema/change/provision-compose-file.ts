import {
  buildProvisionSafeTransaction,
  buildProvisionTransaction,
  listProvisionPrerequisites,
  type Provision,
  provisionComposeFileUpdate,
} from "../../resolvers/compose/provision-compose-file.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import type { FieldCostOptions } from "../core/field-cost.ts";
import { ProvisionCvmComposeFileUpdateInput } from "../input/compose-file-update.ts";
import { omitAbsent } from "../input/given.ts";
import { KmsNode } from "./result/kms-node.ts";
import { TransactionRequest } from "./result/transaction-request.ts";
import { queuedCalls } from "./write-cost.ts";

const prerequisitesCost: FieldCostOptions<object> = {
  calls: 0,
  more: [
    { calls: 1, when: "with an on-chain KMS" },
    { calls: 1, when: "if the answer does not name the chain" },
  ],
  shared: "prerequisites and safeTransaction",
};

const ComposeFileProvision = builder.objectRef<Provision>("ComposeFileProvision").implement({
  description:
    "Changed app-compose that the REST API has hashed and keeps for 14 days. Nothing is applied yet: commitCvmComposeFileUpdate applies it. See 'app-compose' in docs/glossary.md.",
  fields: (t) => ({
    composeHash: t.expose("composeHash", {
      type: "Hex",
      description: "Compose hash, 32 bytes. Send it to commitCvmComposeFileUpdate.",
    }),
    appId: t.expose("appId", { type: "Hex", nullable: true, description: "Id of the app, 20 bytes." }),
    deviceId: t.expose("deviceId", {
      type: "Hex",
      nullable: true,
      description: "Id of the TEE device that will run the CVM.",
    }),
    kms: t.expose("kms", {
      type: KmsNode,
      nullable: true,
      description: "Key management service (KMS) that will check the hash.",
    }),
    composeHashRegistered: t.exposeBoolean("composeHashRegistered", {
      description: "Whether the app contract allows the hash already. If so, no transaction is needed.",
    }),
    composeUnchanged: t.exposeBoolean("composeUnchanged", {
      description: "Whether the CVM has this app-compose already. If so, a commit changes nothing.",
    }),
    transaction: t.field({
      type: TransactionRequest,
      nullable: true,
      description:
        "Transaction that registers the hash: addComposeHash(bytes32) on the app contract. Send it before the commit. Null if the KMS of the CVM is not on chain.",
      cost: { calls: 0, more: [{ calls: 1, when: "if the answer does not name the chain" }] },
      resolve: (provision, _args, ctx) => buildProvisionTransaction(ctx, provision),
    }),
    prerequisites: t.field({
      type: [TransactionRequest],
      nullable: { list: true, items: false },
      description:
        "Transactions to send before `transaction`: addDevice(bytes32) if the app contract does not allow the device yet. Empty if no transaction comes before it, null if that is unknown.",
      cost: prerequisitesCost,
      resolve: (provision, _args, ctx) => listProvisionPrerequisites(ctx, provision),
    }),
    safeTransaction: t.field({
      type: "JSON",
      nullable: true,
      description:
        "`prerequisites` and `transaction` as the JSON file that the Transaction Builder of a Safe imports, for an owner that is a multisig. Null if the KMS of the CVM is not on chain.",
      cost: prerequisitesCost,
      resolve: (provision, _args, ctx) => buildProvisionSafeTransaction(ctx, provision),
    }),
    updateEnvVars: t.exposeBoolean("updateEnvVars", {
      nullable: true,
      description:
        "Whether the provisioned list of allowed environment variables may differ from the present one: the flag that was sent. Send the same to commitCvmComposeFileUpdate. Null if none was sent.",
    }),
  }),
});

builder.mutationField("provisionCvmComposeFileUpdate", (t) =>
  t.field({
    type: ComposeFileProvision,
    nullable: true,
    description:
      "First of two steps: hash and keep a changed app-compose without applying it. Reads the present app-compose, then sends one POST /cvms/{id}/compose_file/provision.",
    args: {
      input: t.arg({
        type: ProvisionCvmComposeFileUpdateInput,
        required: true,
        description: "Settings of the app-compose to change.",
      }),
    },
    cost: { calls: 2, more: queuedCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, provisionComposeFileUpdate, omitAbsent(input)),
  }),
);
