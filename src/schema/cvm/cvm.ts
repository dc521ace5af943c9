import { computeConfigVersion } from "../../resolvers/cvm/config-version.ts";
import { findCvmById } from "../../resolvers/cvm/cvm.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { Node } from "../core/node.ts";
import { CvmNode } from "./cvm-node.ts";
import { CvmKms } from "./kms.ts";
import { CvmEndpoint } from "./network.ts";
import { CvmOs } from "./os.ts";
import { CvmResources } from "./resources.ts";
import { CvmProgress, CvmStatus, toCvmStatus } from "./status.ts";
import { Visibility } from "./visibility.ts";

/** A confidential VM, as the REST API's list and detail report it. */
export const Cvm = builder.objectRef<CvmModel>("Cvm").implement({
  description:
    "CVM (confidential virtual machine): a virtual machine whose memory is encrypted by the processor. It runs the containers of one app. See 'CVM' in docs/glossary.md. A field with upstream calls of its own is null, with an error, if such a call fails.",
  interfaces: [Node],
  isTypeOf: (value) => typeof value === "object" && value !== null && "vmUuid" in value,
  fields: (t) => ({
    name: t.exposeString("name", { description: "Name of the CVM, which is also its host name." }),
    appId: t.expose("appId", {
      type: "Hex",
      nullable: true,
      description: "Id of the app that the CVM runs, 20 bytes. Several CVMs can run the same app.",
    }),
    vmUuid: t.exposeString("vmUuid", {
      nullable: true,
      description: "UUID of the CVM on its node. Null until a node is assigned.",
    }),
    instanceId: t.expose("instanceId", {
      type: "Hex",
      nullable: true,
      description: "Id of this instance of the app, 20 bytes. Null until the first boot.",
    }),
    status: t.field({
      type: CvmStatus,
      description:
        "What the CVM is doing, as recorded in the REST API's database. It can lag behind the node. Use `state` for the live status.",
      resolve: (cvm) => toCvmStatus(cvm.rawStatus),
    }),
    rawStatus: t.exposeString("rawStatus", { description: "Status as the REST API spells it." }),
    inProgress: t.exposeBoolean("inProgress", {
      description: "Whether an operation is running on the CVM.",
    }),
    progress: t.expose("progress", {
      type: CvmProgress,
      nullable: true,
      description: "Running operation. Null if none is running.",
    }),
    resources: t.expose("resources", {
      type: CvmResources,
      description: "vCPUs, memory, disk, GPUs and price.",
    }),
    os: t.expose("os", { type: CvmOs, nullable: true, description: "OS image that the CVM boots from." }),
    visibility: t.expose("visibility", {
      type: Visibility,
      description: "Which data of the CVM is public.",
    }),
    kms: t.expose("kms", {
      type: CvmKms,
      description: "KMS (key management service) that releases the app's keys to the CVM.",
    }),
    node: t.expose("node", {
      type: CvmNode,
      nullable: true,
      description: "Physical machine that hosts the CVM. Null if the REST API does not report it.",
    }),
    endpoints: t.expose("endpoints", { type: [CvmEndpoint], description: "Public URLs of the CVM." }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      nullable: true,
      description: "When the CVM was created.",
    }),
    configVersion: t.string({
      description:
        "Version of the configuration. It changes with the compose file, the pre-launch script, the allowed environment keys, resources, visibility and OS image. New values of existing environment variables do not change it. Send it as `expectedVersion` of a mutation to detect changes by others. See 'configVersion' in docs/glossary.md.",
      resolve: computeConfigVersion,
    }),
  }),
});

builder.queryField("cvm", (t) =>
  t.field({
    type: Cvm,
    nullable: true,
    description: "Read one CVM. Null if the caller has no such CVM.",
    args: {
      id: t.arg.id({
        required: true,
        description:
          "Any identifier of the CVM: its cvm_… id, a UUID with or without dashes, app_<40 hex digits>, a bare 40-digit app id, instance_<40 hex digits>, or its name.",
      }),
    },
    cost: { calls: 1 },
    resolve: (_root, args, ctx, info) => findCvmById(ctx, args, info),
  }),
);
