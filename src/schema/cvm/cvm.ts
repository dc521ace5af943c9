import { computeConfigVersion } from "../../resolvers/cvm/config-version.ts";
import { findCvmById, readLiveState, readScript } from "../../resolvers/cvm/cvm.ts";
import { readEnvKey } from "../../resolvers/environment/env-key.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { parseHexBytes } from "../../upstream/transport/wire-scalars.ts";
import { builder } from "../core/builder.ts";
import { Node } from "../core/node.ts";
import { Attestation } from "./attestation.ts";
import { Compose } from "./compose.ts";
import { CvmContainer } from "./containers.ts";
import { EnvEncryptionKey } from "./kms.ts";
import { CvmNetwork } from "./network.ts";
import { AvailableOsImage } from "./os.ts";
import { CvmEndpoint, CvmKms, CvmNode, CvmOs, CvmProgress, CvmResources, Visibility } from "./resources.ts";
import { CvmState } from "./state.ts";
import { CvmStats } from "./stats.ts";
import { CvmStatus, toCvmStatus } from "./status.ts";
import { CvmUserConfig } from "./user-config.ts";

/** A confidential VM. */
export const Cvm = builder.objectRef<CvmModel>("Cvm").implement({
  description:
    "A confidential VM. Fields that say they cost a call are null with an error of their own when it fails.",
  interfaces: [Node],
  isTypeOf: (value) => typeof value === "object" && value !== null && "vmUuid" in value,
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its name, which is its hostname too." }),
    appId: t.expose("appId", {
      type: "Hex",
      nullable: true,
      description: "The app it is an instance of, 20 bytes.",
    }),
    vmUuid: t.exposeString("vmUuid", {
      nullable: true,
      description: "Its UUID on the node; null before it is placed.",
    }),
    instanceId: t.expose("instanceId", {
      type: "Hex",
      nullable: true,
      description: "Its instance id; null until it first boots.",
    }),
    status: t.field({
      type: CvmStatus,
      description:
        "What it does, as the REST API's database has it. It can lag behind the node: `state` is live.",
      resolve: (cvm) => toCvmStatus(cvm.rawStatus),
    }),
    rawStatus: t.exposeString("rawStatus", {
      description: "The status in the REST API's own word.",
    }),
    inProgress: t.exposeBoolean("inProgress", {
      description: "Whether an operation runs on it.",
    }),
    progress: t.expose("progress", {
      type: CvmProgress,
      nullable: true,
      description: "The running operation; null when none runs.",
    }),
    resources: t.expose("resources", {
      type: CvmResources,
      description: "vCPUs, memory, disk, GPUs and price.",
    }),
    os: t.expose("os", { type: CvmOs, nullable: true, description: "The OS image it runs." }),
    visibility: t.expose("visibility", {
      type: Visibility,
      description: "What of it anyone may see.",
    }),
    kms: t.expose("kms", { type: CvmKms, description: "Where it gets its keys from." }),
    node: t.expose("node", { type: CvmNode, nullable: true, description: "The machine it runs on." }),
    endpoints: t.expose("endpoints", {
      type: [CvmEndpoint],
      description: "Its public URLs.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was created.",
    }),
    configVersion: t.string({
      description:
        "Changes when the configuration does: compose file, script, allowed keys, resources, visibility, OS image. New values under the same environment keys do not show. Send it back as expectedVersion.",
      resolve: computeConfigVersion,
    }),
    dockerCompose: t.string({
      nullable: true,
      description: "The Docker Compose YAML as deployed.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.dockerCompose(cvm.id),
    }),
    preLaunchScript: t.string({
      nullable: true,
      description: "The script that runs before the containers start; null where there is none.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => readScript(ctx, cvm),
    }),
    compose: t.field({
      type: Compose,
      nullable: true,
      description: "The app-compose, which is what the compose hash measures.",
      cost: { calls: 1 },
      resolve: async (cvm, _args, ctx) => ({
        hash: parseHexBytes(cvm.composeHash),
        file: await ctx.loaders.composeFile(cvm.id),
      }),
    }),
    availableOsImages: t.field({
      type: [AvailableOsImage],
      nullable: { list: true, items: false },
      description: "The OS images that this CVM can be moved to, newest first.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.availableOsImages(cvm.id),
    }),
    envEncryptionKey: t.field({
      type: EnvEncryptionKey,
      nullable: true,
      description: "The key to which the CVM's environment is sealed; null before it has one.",
      cost: { calls: 0, more: [{ calls: 2, when: "if the KMS is on-chain" }] },
      resolve: (cvm, _args, ctx) => readEnvKey(ctx, cvm),
    }),
    state: t.field({
      type: CvmState,
      nullable: true,
      description: "The live state from the node. Null before it is placed.",
      cost: { calls: 1, batched: true },
      resolve: (cvm, _args, ctx) => readLiveState(ctx, cvm),
    }),
    stats: t.field({
      type: CvmStats,
      nullable: true,
      description: "What the guest measures of itself.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.stats(cvm.id),
    }),
    network: t.field({
      type: CvmNetwork,
      nullable: true,
      description: "How it can be reached.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.network(cvm.id),
    }),
    containers: t.field({
      type: [CvmContainer],
      nullable: { list: true, items: false },
      description: "Its containers; null when it is offline or does not publish them.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.containers(cvm.id),
    }),
    attestation: t.field({
      type: Attestation,
      nullable: true,
      description: "What proves what runs in it. Passed on, not verified.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.attestation(cvm.id),
    }),
    userConfig: t.field({
      type: CvmUserConfig,
      nullable: true,
      description: "The guest's settings outside the app-compose.",
      cost: { calls: 1 },
      resolve: (cvm, _args, ctx) => ctx.loaders.userConfig(cvm.id),
    }),
  }),
});

builder.queryField("cvm", (t) =>
  t.field({
    type: Cvm,
    nullable: true,
    description: "One CVM, or null when the caller has no such CVM.",
    args: {
      id: t.arg.id({
        required: true,
        description:
          "Any identifier that the REST API accepts: cvm_…, a UUID with or without dashes, app_<40 hex>, a bare 40-hex app id, instance_<40 hex>, or a name.",
      }),
    },
    cost: { calls: 1 },
    resolve: (_root, args, ctx) => findCvmById(ctx, args),
  }),
);
