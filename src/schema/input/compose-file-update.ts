import { MAX_COMPOSE_BYTES } from "../../limits.ts";
import { builder } from "../core/builder.ts";
import { EncryptedEnvInput } from "./environment.ts";
import type { Given } from "./given.ts";
import { writeInputFields } from "./write.ts";

const AppComposeInput = builder.inputType("AppComposeInput", {
  description:
    "Settings of the app-compose, the JSON manifest whose hash is measured when the CVM boots. Settings that are left out keep their present value: the gateway reads the present app-compose, applies these settings and sends the whole.",
  fields: (t) => ({
    dockerComposeFile: t.string({
      required: true,
      description: `Docker Compose file in YAML. Together with the pre-launch script it has at most ${MAX_COMPOSE_BYTES / 1024} KiB in UTF-8.`,
    }),
    preLaunchScript: t.string({
      description: 'Script that runs before the containers start. "" removes it.',
    }),
    name: t.string({
      description:
        "Name in the app-compose. It is measured, and often empty. If left out, the present name stays, also an empty one.",
    }),
    allowedEnvs: t.stringList({
      description:
        "Names of the environment variables that the guest accepts. If given, updateEnvVars defaults to true, because the REST API keeps the present list otherwise.",
    }),
    features: t.stringList({ description: "Guest features that are switched on." }),
    publicLogs: t.boolean({ description: "Whether anyone can read the container logs." }),
    publicSysinfo: t.boolean({ description: "Whether anyone can read system information and statistics." }),
    publicTcbinfo: t.boolean({
      description: "Whether anyone can read the measurements of the trusted computing base (TCB).",
    }),
    kmsEnabled: t.boolean({ description: "Whether the app gets keys from a key management service (KMS)." }),
    gatewayEnabled: t.boolean({ description: "Whether the app is reachable through the dstack gateway." }),
    storageFs: t.string({
      description: "File system of the data disk. A CVM that is already deployed keeps its own.",
    }),
  }),
});

/** `ProvisionCvmComposeFileUpdateInput` */
export const ProvisionCvmComposeFileUpdateInput = builder.inputType("ProvisionCvmComposeFileUpdateInput", {
  description: "Change of the app-compose that the REST API hashes and keeps, without applying it.",
  fields: (t) => ({
    ...writeInputFields(t),
    appCompose: t.field({ type: AppComposeInput, required: true, description: "Settings to change." }),
    removeKeys: t.stringList({
      description:
        "Names of environment variables that the CVM allows now and that appCompose.allowedEnvs drops on purpose. The mutation fails if a name is missing in both.",
    }),
    updateEnvVars: t.boolean({
      description:
        "Whether the list of allowed environment variables may change. Leave it out: it is true with appCompose.allowedEnvs.",
    }),
  }),
});

/** `CommitCvmComposeFileUpdateInput` */
export const CommitCvmComposeFileUpdateInput = builder.inputType("CommitCvmComposeFileUpdateInput", {
  description: "Provisioned app-compose to apply, and the environment that belongs to it.",
  fields: (t) => ({
    ...writeInputFields(t),
    composeHash: t.field({
      type: "Hex",
      required: true,
      description:
        "Compose hash from ComposeFileProvision, 32 bytes. With an on-chain KMS, register it before the commit.",
    }),
    env: t.field({
      type: EncryptedEnvInput,
      description:
        "Complete new environment, encrypted by the client. If left out, the present environment stays. `keys` must be the allowed names of the provision, in the same order. Otherwise the compose hash would change, and the mutation fails where this gateway knows the provision. Where it does not, a commit with keys fails with HASH_INVALID_OR_EXPIRED if the KMS is on chain: send the same provision again through this gateway, which gives the same hash, then commit. With another KMS the message of the result says that nothing was compared.",
    }),
    updateEnvVars: t.boolean({
      description:
        "Whether env.keys take effect: the value of ComposeFileProvision.updateEnvVars. Another value fails where this gateway knows the provision. If left out there, the value of the provision is sent with env.keys.",
    }),
  }),
});

/** The parsed settings of an app-compose. */
export type AppComposeInput = Given<typeof AppComposeInput.$inferInput>;

/** The parsed input of `provisionCvmComposeFileUpdate`. */
export type ProvisionCvmComposeFileUpdateInput = Given<typeof ProvisionCvmComposeFileUpdateInput.$inferInput>;

/** The parsed input of `commitCvmComposeFileUpdate`. */
export type CommitCvmComposeFileUpdateInput = Given<typeof CommitCvmComposeFileUpdateInput.$inferInput>;
