import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.compose` */
export const Compose = builder
  .objectRef<{ readonly hash: string | null; readonly file: AppCompose }>("Compose")
  .implement({
    description:
      "The app-compose of a CVM: the Docker Compose file and the settings that are measured with it.",
    fields: (t) => ({
      hash: t.expose("hash", {
        type: "Hex",
        nullable: true,
        description: "The compose hash that the REST API states for the CVM, 32 bytes.",
      }),
      dockerComposeFile: t.string({
        description: "The Docker Compose YAML; empty where the app-compose has none.",
        resolve: ({ file }) => file.settings.docker_compose_file ?? "",
      }),
      preLaunchScript: t.string({
        nullable: true,
        description: "The script that runs before the containers start; null where there is none.",
        resolve: ({ file }) => file.settings.pre_launch_script || null,
      }),
      allowedEnvs: t.stringList({
        description: "The environment keys that the guest takes; it drops every other one silently.",
        resolve: ({ file }) => file.settings.allowed_envs ?? [],
      }),
      features: t.stringList({
        description: "The guest's features that are switched on.",
        resolve: ({ file }) => file.settings.features ?? [],
      }),
      runner: t.string({
        nullable: true,
        description: "What runs the app, for example docker-compose.",
        resolve: ({ file }) => file.settings.runner,
      }),
      manifestVersion: t.int({
        nullable: true,
        description: "The version of the app-compose format.",
        resolve: ({ file }) => file.settings.manifest_version,
      }),
      kmsEnabled: t.boolean({
        nullable: true,
        description: "Whether the app gets keys from a KMS.",
        resolve: ({ file }) => file.settings.kms_enabled,
      }),
      gatewayEnabled: t.boolean({
        nullable: true,
        description: "Whether the app is reachable through the dstack gateway.",
        resolve: ({ file }) => file.settings.gateway_enabled,
      }),
      publicLogs: t.boolean({
        nullable: true,
        description: "Whether container logs are public.",
        resolve: ({ file }) => file.settings.public_logs,
      }),
      publicSysinfo: t.boolean({
        nullable: true,
        description: "Whether system figures are public.",
        resolve: ({ file }) => file.settings.public_sysinfo,
      }),
      publicTcbinfo: t.boolean({
        nullable: true,
        description: "Whether the TCB's measurements are public.",
        resolve: ({ file }) => file.settings.public_tcbinfo,
      }),
      storageFs: t.string({
        nullable: true,
        description: "The file system of the data disk, zfs or ext4. It cannot be changed later.",
        resolve: ({ file }) => file.settings.storage_fs,
      }),
      json: t.field({
        type: "JSON",
        description:
          "The whole app-compose object as the REST API gives it. Hashing a re-serialisation of it may give another hash.",
        resolve: ({ file }) => file.json,
      }),
    }),
  });
