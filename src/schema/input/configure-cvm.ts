import { MAX_COMPOSE_BYTES, settingRanges } from "../../limits.ts";
import { builder } from "../core/builder.ts";
import { EnvInput } from "./environment.ts";
import type { Given } from "./given.ts";
import { confirmationFields, WITHOUT_TRANSACTION, writeInputFields } from "./write.ts";

const { shutdownTimeoutSeconds } = settingRanges;

/** `ConfigureCvmInput`: the input of `configureCvm` and of its dry run, `planCvmConfiguration`. */
export const ConfigureCvmInput = builder.inputType("ConfigureCvmInput", {
  description:
    "Changes to the configuration of one CVM. Only the given settings change. Null means the same as leaving a setting out.",
  fields: (t) => ({
    ...writeInputFields(t),
    dockerComposeFile: t.string({
      description: `Docker Compose file in YAML. Together with the pre-launch script it has at most ${MAX_COMPOSE_BYTES / 1024} KiB in UTF-8.`,
    }),
    preLaunchScript: t.string({
      description: 'Script that runs before the containers start. "" removes it.',
    }),
    allowedEnvs: t.stringList({
      description:
        "Names of the environment variables that the guest accepts. It drops all others without an error. Leave it out when env gives the names. Without env, removing a name loses no value: adding the name again brings the value back.",
    }),
    env: t.field({
      type: EnvInput,
      description:
        "Complete new environment. The mutation fails if a name that the CVM allows now is missing here and not listed in removeKeys.",
    }),
    removeKeys: t.stringList({
      description:
        "Names of environment variables that the CVM allows now and that the new environment drops on purpose. Any name that the CVM allows now is accepted.",
    }),
    publicLogs: t.boolean({ description: "Whether anyone can read the container logs." }),
    publicSysinfo: t.boolean({ description: "Whether anyone can read system information and statistics." }),
    publicTcbinfo: t.boolean({
      description: "Whether anyone can read the measurements of the trusted computing base (TCB).",
    }),
    instanceType: t.string({
      description:
        "Instance type, for example tdx.medium. It sets the number of vCPUs and the memory, and should win over vcpu and memoryMb: the published clients leave it out when they send numbers. The REST API does not document this, so give either the type or the numbers.",
    }),
    vcpu: t.int({ description: "Number of virtual CPUs." }),
    memoryMb: t.int({ description: "Memory in MB." }),
    diskSizeGb: t.int({
      description: "Disk size in GB. A disk can only grow.",
    }),
    image: t.string({
      description: "OS image: a slug (preferred) or a name from Cvm.availableOsImages.",
    }),
    userConfig: t.string({
      description:
        "Settings of the guest that are not part of the app-compose, as JSON text. The gateway forwards it unchanged.",
    }),
    shutdownTimeoutSeconds: t.int({
      description: `How long the graceful shutdown before the change may take, ${shutdownTimeoutSeconds.min} to ${shutdownTimeoutSeconds.max} seconds. By itself it changes nothing.`,
    }),
    allowForceStop: t.boolean({
      description:
        "Whether to power the CVM off when the graceful shutdown takes too long. By itself it changes nothing.",
    }),
    prepareOnly: t.boolean({
      description:
        "Prepare the change without applying it. The answer is OnChainHashRequired with a commit token, with which commitCvmUpdate applies the change within 14 days. It ends the earlier commit token of this CVM. A repeat with the same idempotencyKey prepares nothing and returns the first token, also after a newer prepare has ended it: prepare again with a new key. Only for a CVM with an on-chain KMS.",
    }),
  }),
});

/** `ConfirmCvmPatchInput` */
export const ConfirmCvmPatchInput = builder.inputType("ConfirmCvmPatchInput", {
  description: "Registered compose hash and the transaction that registered it.",
  fields: (t) => ({
    ...writeInputFields(t),
    ...confirmationFields(t),
    transactionHash: t.field({
      type: "Hex",
      required: true,
      description: `Hash of the transaction that the wallet sent, 32 bytes. ${WITHOUT_TRANSACTION}`,
    }),
  }),
});

/** `CommitCvmUpdateInput` */
export const CommitCvmUpdateInput = builder.inputType("CommitCvmUpdateInput", {
  description: "Prepared change, its registered compose hash and the transaction that registered it.",
  fields: (t) => ({
    ...writeInputFields(t),
    token: t.field({
      type: "SecretString",
      required: true,
      description:
        "Commit token from OnChainHashRequired. It works once, for 14 days, and until a newer prepareOnly for the same CVM ends it.",
    }),
    ...confirmationFields(t),
    transactionHash: t.field({
      type: "Hex",
      required: true,
      description: `Hash of the transaction that registered the compose hash, 32 bytes. ${WITHOUT_TRANSACTION}`,
    }),
  }),
});

/** The parsed input of `configureCvm`. */
export type ConfigureCvmInput = Given<typeof ConfigureCvmInput.$inferInput>;

/** The parsed input of `confirmCvmPatch`. */
export type ConfirmCvmPatchInput = Given<typeof ConfirmCvmPatchInput.$inferInput>;

/** The parsed input of `commitCvmUpdate`. */
export type CommitCvmUpdateInput = Given<typeof CommitCvmUpdateInput.$inferInput>;
