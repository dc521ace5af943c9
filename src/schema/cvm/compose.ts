import { findComposeText } from "../../resolvers/compose/predicted-hash.ts";
import type { AppCompose } from "../../upstream/configuration/compose-file.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.compose` */
export const Compose = builder
  .objectRef<{ readonly hash: string | null; readonly file: AppCompose }>("Compose")
  .implement({
    description:
      "App-compose of a CVM: the JSON manifest of its app. It holds the Docker Compose file and further settings. The guest measures it at boot, and its SHA-256 is the compose hash. See 'app-compose' in docs/glossary.md.",
    fields: (t) => ({
      hash: t.expose("hash", {
        type: "Hex",
        nullable: true,
        description:
          "Compose hash that the REST API reports for the CVM, 32 bytes. See 'compose hash' in docs/glossary.md.",
      }),
      dockerComposeFile: t.string({
        description: "Docker Compose file, as YAML. Empty if the app-compose has none.",
        resolve: ({ file }) => file.settings.docker_compose_file ?? "",
      }),
      preLaunchScript: t.string({
        nullable: true,
        description:
          "Shell script that the guest runs before it starts the containers. Null if there is none.",
        resolve: ({ file }) => file.settings.pre_launch_script || null,
      }),
      allowedEnvs: t.stringList({
        description:
          "Names of the environment variables that the guest accepts. It drops all others without an error.",
        resolve: ({ file }) => file.settings.allowed_envs ?? [],
      }),
      features: t.stringList({
        description: "Features of the guest that are enabled.",
        resolve: ({ file }) => file.settings.features ?? [],
      }),
      runner: t.string({
        nullable: true,
        description: "Program that runs the app, for example docker-compose.",
        resolve: ({ file }) => file.settings.runner,
      }),
      manifestVersion: t.int({
        nullable: true,
        description: "Version of the app-compose format.",
        resolve: ({ file }) => file.settings.manifest_version,
      }),
      kmsEnabled: t.boolean({
        nullable: true,
        description: "Whether the app gets keys from a KMS (key management service).",
        resolve: ({ file }) => file.settings.kms_enabled,
      }),
      gatewayEnabled: t.boolean({
        nullable: true,
        description:
          "Whether the app is reachable through the dstack gateway, which provides its public URLs.",
        resolve: ({ file }) => file.settings.gateway_enabled,
      }),
      publicLogs: t.boolean({
        nullable: true,
        description: "Whether container logs are public.",
        resolve: ({ file }) => file.settings.public_logs,
      }),
      publicSysinfo: t.boolean({
        nullable: true,
        description: "Whether system statistics are public.",
        resolve: ({ file }) => file.settings.public_sysinfo,
      }),
      publicTcbinfo: t.boolean({
        nullable: true,
        description: "Whether the measurements of the TCB (trusted computing base) are public.",
        resolve: ({ file }) => file.settings.public_tcbinfo,
      }),
      storageFs: t.string({
        nullable: true,
        description: "File system of the data disk, zfs or ext4. It cannot change after the CVM is created.",
        resolve: ({ file }) => file.settings.storage_fs,
      }),
      text: t.string({
        nullable: true,
        description:
          "App-compose as text, byte for byte as it was hashed: the SHA-256 of its UTF-8 bytes is the compose hash. If it is not `hash`, the configuration has changed between two reads. Null if the REST API does not return the raw text.",
        resolve: ({ hash, file }) => findComposeText(file, hash),
      }),
      json: t.field({
        type: "JSON",
        description:
          "Whole app-compose as parsed JSON. Do not compute the compose hash from it: a new serialization can differ from the measured text. Use `text`.",
        resolve: ({ file }) => file.json,
      }),
    }),
  });
