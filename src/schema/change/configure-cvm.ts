import { commitCvmUpdate, configureCvm, confirmCvmPatch } from "../../resolvers/configure/configure-cvm.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { EnvInput } from "./env-input.ts";
import { InProgress } from "./in-progress.ts";
import { OnChainHashRequired } from "./on-chain-hash-required.ts";
import { WAIT_DESCRIPTION, writeInputFields } from "./write-input.ts";

/** How a configuration change goes on. */
export const ConfigureCvmResult = builder.unionType("ConfigureCvmResult", {
  description: "Either the change was taken, or the owner has to register its compose hash first.",
  types: [InProgress, OnChainHashRequired],
  resolveType: (result) => (result.kind === "accepted" ? InProgress : OnChainHashRequired),
});

/** `ConfigureCvmInput`, which a plan takes too. */
export const ConfigureCvmInput = builder.inputType("ConfigureCvmInput", {
  description:
    "The changes to one CVM. Only what is given is changed; null is the same as leaving a field out.",
  fields: (t) => ({
    ...writeInputFields(t),
    dockerComposeFile: t.string({
      description: "The Docker Compose YAML. With the pre-launch script at most 200 KiB in UTF-8.",
    }),
    preLaunchScript: t.string({
      description: 'The script that runs before the containers start; "" removes it.',
    }),
    allowedEnvs: t.stringList({
      description:
        "The environment keys that the guest takes; it drops every other one silently. Leave it out when env brings its keys. Without env no value is lost by taking a key out: putting it back brings the value back.",
    }),
    env: t.field({
      type: EnvInput,
      description:
        "The new environment, whole. Keys that the CVM allows now and that are missing here are refused unless removeKeys names them: costs an upstream call, and one to three more for env.plain.",
    }),
    removeKeys: t.stringList({
      description: "Environment keys that the CVM allows now and that the new environment is meant to lack.",
    }),
    publicLogs: t.boolean({ description: "Whether container logs are public." }),
    publicSysinfo: t.boolean({ description: "Whether system figures are public." }),
    publicTcbinfo: t.boolean({ description: "Whether the TCB's measurements are public." }),
    vcpu: t.int({ description: "The number of virtual CPUs." }),
    memoryMb: t.int({ description: "Memory in MB." }),
    diskSizeGb: t.int({ description: "Disk size in GB. It can only grow: costs an upstream call to check." }),
    image: t.string({
      description:
        "The OS image: a name or, better, a slug out of Cvm.availableOsImages. Costs an upstream call to check.",
    }),
    userConfig: t.string({
      description: "Settings of the guest outside the app-compose, as JSON text; passed on untouched.",
    }),
    shutdownTimeoutSeconds: t.int({
      description: "How long the graceful shutdown may take, 10 to 1200 seconds.",
    }),
    allowForceStop: t.boolean({
      description: "Whether the CVM is stopped by force when the graceful shutdown takes too long.",
    }),
    prepareOnly: t.boolean({
      description:
        "Apply nothing; answer with a commit token that completes the change later. Only for a CVM whose KMS is on chain.",
    }),
  }),
});

const ConfirmCvmPatchInput = builder.inputType("ConfirmCvmPatchInput", {
  description: "A registered compose hash and the transaction that registered it.",
  fields: (t) => ({
    ...writeInputFields(t),
    composeHash: t.field({
      type: "Hex",
      required: true,
      description: "The composeHash of OnChainHashRequired.",
    }),
    transactionHash: t.field({
      type: "Hex",
      required: true,
      description: "The hash of the transaction that the wallet sent.",
    }),
    waitForTransactionSeconds: t.int({ description: WAIT_DESCRIPTION }),
  }),
});

const CommitCvmUpdateInput = builder.inputType("CommitCvmUpdateInput", {
  description: "A prepared change, its registered compose hash and the transaction that registered it.",
  fields: (t) => ({
    ...writeInputFields(t),
    token: t.field({
      type: "SecretString",
      required: true,
      description: "The commitToken of OnChainHashRequired. It works once.",
    }),
    composeHash: t.field({
      type: "Hex",
      required: true,
      description: "The composeHash of OnChainHashRequired.",
    }),
    transactionHash: t.field({
      type: "Hex",
      required: true,
      description:
        'The hash of the transaction that registered it. Empty ("0x", or 32 zero bytes) where it was registered before and onChainStatus.isAllowed says so: the REST API then looks at the app contract alone, and HASH_NOT_ALLOWED is its answer if the hash is not there.',
    }),
    waitForTransactionSeconds: t.int({ description: WAIT_DESCRIPTION }),
  }),
});

builder.mutationFields((t) => ({
  configureCvm: t.field({
    type: ConfigureCvmResult,
    description:
      "Changes several settings of a CVM in one atomic patch: all of them, or none. Restarts the CVM. Sends one PATCH /cvms/{id}.",
    args: { input: t.arg({ type: ConfigureCvmInput, required: true, description: "The changes." }) },
    extensions: costs(8),
    resolve: (_root, { input }, ctx) => configureCvm(ctx, input),
  }),
  confirmCvmPatch: t.field({
    type: InProgress,
    description:
      "Applies the change that configureCvm answered with OnChainHashRequired, once its hash is registered. Restarts the CVM.",
    args: {
      input: t.arg({
        type: ConfirmCvmPatchInput,
        required: true,
        description: "The hash and its transaction.",
      }),
    },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => confirmCvmPatch(ctx, input),
  }),
  commitCvmUpdate: t.field({
    type: InProgress,
    description:
      "Applies a change that was prepared with prepareOnly. The token is the credential: the caller's own is not sent. Restarts the CVM.",
    args: {
      input: t.arg({
        type: CommitCvmUpdateInput,
        required: true,
        description: "The token, the hash and its transaction.",
      }),
    },
    extensions: costs(2),
    resolve: (_root, { input }, ctx) => commitCvmUpdate(ctx, input),
  }),
}));
