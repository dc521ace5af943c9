import {
  buildProvisionTransaction,
  commitComposeFileUpdate,
  listProvisionPrerequisites,
  type Provision,
  provisionComposeFileUpdate,
} from "../../resolvers/compose/compose-file-update.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { EncryptedEnvInput } from "./env-input.ts";
import { InProgress } from "./in-progress.ts";
import { KmsNode } from "./kms-node.ts";
import { TransactionRequest } from "./on-chain-hash-required.ts";
import { writeInputFields } from "./write-input.ts";

const AppComposeInput = builder.inputType("AppComposeInput", {
  description:
    "Settings of the app-compose. Those left out keep the value that the CVM has now: the gateway reads the compose file, lays these over it, and sends the whole.",
  fields: (t) => ({
    dockerComposeFile: t.string({
      required: true,
      description: "The Docker Compose YAML. With the pre-launch script at most 200 KiB in UTF-8.",
    }),
    preLaunchScript: t.string({
      description: 'The script that runs before the containers start; "" removes it.',
    }),
    name: t.string({ description: "The name inside the app-compose." }),
    allowedEnvs: t.stringList({
      description:
        "The environment keys that the guest takes. Given, updateEnvVars is true unless it says otherwise: without it the REST API would keep the present list.",
    }),
    features: t.stringList({ description: "The guest's features." }),
    publicLogs: t.boolean({ description: "Whether container logs are public." }),
    publicSysinfo: t.boolean({ description: "Whether system figures are public." }),
    publicTcbinfo: t.boolean({ description: "Whether the TCB's measurements are public." }),
    kmsEnabled: t.boolean({ description: "Whether the app gets keys from a KMS." }),
    gatewayEnabled: t.boolean({ description: "Whether the app is reachable through the dstack gateway." }),
    storageFs: t.string({ description: "The file system of the data disk. A deployed CVM keeps its own." }),
  }),
});

const ProvisionCvmComposeFileUpdateInput = builder.inputType("ProvisionCvmComposeFileUpdateInput", {
  description: "A change of the app-compose that is to be hashed and kept.",
  fields: (t) => ({
    ...writeInputFields(t),
    appCompose: t.field({ type: AppComposeInput, required: true, description: "The settings that change." }),
    updateEnvVars: t.boolean({ description: "Whether the list of allowed environment keys may change." }),
  }),
});

const CommitCvmComposeFileUpdateInput = builder.inputType("CommitCvmComposeFileUpdateInput", {
  description: "A provisioned compose file, and the environment that goes with it.",
  fields: (t) => ({
    ...writeInputFields(t),
    composeHash: t.field({
      type: "Hex",
      required: true,
      description: "The composeHash of ComposeFileProvision, registered first where the KMS is on chain.",
    }),
    env: t.field({
      type: EncryptedEnvInput,
      description:
        "The new environment, sealed by the client and whole; left out, the present one stays. Lost keys are not looked for here: the list of keys was settled by the provision.",
    }),
    updateEnvVars: t.boolean({ description: "Whether env.keys count. Give what the provision was given." }),
  }),
});

const ComposeFileProvision = builder.objectRef<Provision>("ComposeFileProvision").implement({
  description:
    "An app-compose that the REST API keeps for seven days under its hash. Nothing was applied yet.",
  fields: (t) => ({
    composeHash: t.expose("composeHash", {
      type: "Hex",
      description: "Its hash, 32 bytes: for commitCvmComposeFileUpdate.",
    }),
    appId: t.expose("appId", { type: "Hex", nullable: true, description: "The app, 20 bytes." }),
    deviceId: t.expose("deviceId", {
      type: "Hex",
      nullable: true,
      description: "The device that will run it.",
    }),
    kms: t.expose("kms", { type: KmsNode, nullable: true, description: "The KMS that will check the hash." }),
    composeHashRegistered: t.exposeBoolean("composeHashRegistered", {
      description: "Whether the app contract allows the hash already: then no transaction is needed.",
    }),
    composeUnchanged: t.exposeBoolean("composeUnchanged", {
      description: "Whether the CVM has this app-compose already: then a commit would change nothing of it.",
    }),
    transaction: t.field({
      type: TransactionRequest,
      nullable: true,
      description:
        "Registers the hash: addComposeHash(bytes32) on the app contract. Send it before the commit. Null where the CVM's KMS is not on chain. Costs one upstream call where the answer does not name the chain.",
      extensions: costs(1),
      resolve: (provision, _args, ctx) => buildProvisionTransaction(ctx, provision),
    }),
    prerequisites: t.field({
      type: [TransactionRequest],
      nullable: { list: true, items: false },
      description:
        "What the owner has to send before `transaction`: addDevice(bytes32) where the app contract does not allow the CVM's device yet. Empty where nothing has to be sent, null where that cannot be known. Costs one upstream call on chain.",
      extensions: costs(2),
      resolve: (provision, _args, ctx) => listProvisionPrerequisites(ctx, provision),
    }),
  }),
});

builder.mutationFields((t) => ({
  provisionCvmComposeFileUpdate: t.field({
    type: ComposeFileProvision,
    description:
      "First of two steps: has a changed app-compose hashed and kept, and applies nothing. Sends one POST /cvms/{id}/compose_file/provision, after one read of the present file.",
    args: {
      input: t.arg({
        type: ProvisionCvmComposeFileUpdateInput,
        required: true,
        description: "The change.",
      }),
    },
    extensions: costs(4),
    resolve: (_root, { input }, ctx) => provisionComposeFileUpdate(ctx, input),
  }),
  commitCvmComposeFileUpdate: t.field({
    type: InProgress,
    description:
      "Second of two steps: applies a provisioned app-compose. Restarts the CVM. The REST API does not look for the hash on chain here: one that is not registered keeps the CVM from booting. Sends one PATCH /cvms/{id}/compose_file.",
    args: {
      input: t.arg({ type: CommitCvmComposeFileUpdateInput, required: true, description: "What to apply." }),
    },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => commitComposeFileUpdate(ctx, input),
  }),
}));
