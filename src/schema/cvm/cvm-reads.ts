import { fetchLiveState, findCvm, findPreLaunchScript } from "../../resolvers/cvm/cvm.ts";
import { findEnvironmentKey } from "../../resolvers/environment/environment-key.ts";
import { parseHexBytes } from "../../upstream/transport/wire-scalars.ts";
import { builder } from "../core/builder.ts";
import { Attestation } from "./attestation.ts";
import { Compose } from "./compose.ts";
import { CvmContainer } from "./containers.ts";
import { Cvm } from "./cvm.ts";
import { EnvEncryptionKey } from "./kms.ts";
import { CvmNetwork } from "./network.ts";
import { AvailableOsImage } from "./os.ts";
import { CvmState } from "./state.ts";
import { CvmStats } from "./stats.ts";
import { CvmUserConfig } from "./user-config.ts";

// The fields of Cvm that cost an upstream call of their own: first the configuration, then the running CVM.

builder.objectFields(Cvm, (t) => ({
  dockerCompose: t.string({
    nullable: true,
    description: "Docker Compose file that is deployed, as YAML.",
    cost: { calls: 1, read: "dockerCompose" },
    resolve: (cvm, _args, ctx) => ctx.loaders.dockerCompose(cvm.id),
  }),
  preLaunchScript: t.string({
    nullable: true,
    description: "Shell script that the guest runs before it starts the containers. Null if there is none.",
    cost: { calls: 1, read: "preLaunchScript" },
    resolve: (cvm, _args, ctx) => findPreLaunchScript(ctx, cvm),
  }),
  compose: t.field({
    type: Compose,
    nullable: true,
    description: "App-compose: the JSON manifest of the app, which the guest measures at boot.",
    cost: { calls: 1, read: "composeFile" },
    resolve: async (cvm, _args, ctx) => ({
      hash: parseHexBytes(cvm.composeHash),
      file: await ctx.loaders.composeFile(cvm.id),
    }),
  }),
  availableOsImages: t.field({
    type: [AvailableOsImage],
    nullable: { list: true, items: false },
    description: "OS images that the CVM can change to, newest first.",
    cost: { calls: 1, read: "availableOsImages" },
    resolve: async (cvm, _args, ctx) => (await ctx.loaders.availableOsImages(cvm.id)).images,
  }),
  envEncryptionKey: t.field({
    type: EnvEncryptionKey,
    nullable: true,
    description:
      "Public key for encrypting (sealing) environment variables of the CVM. Null until the CVM has one.",
    cost: { calls: 0, more: [{ calls: 2, when: "if the KMS is on chain" }] },
    resolve: (cvm, _args, ctx) => findEnvironmentKey(ctx, cvm),
  }),
}));

builder.objectField(CvmState, "cvm", (t) =>
  t.field({
    type: Cvm,
    nullable: true,
    description:
      "CVM that has this state. In a subscription it comes from the poll that all subscribers share: with the live status, and read again when an operation has started or ended. So a client that caches objects by id refreshes the CVM wherever it shows it.",
    resolve: ({ cvm }, _args, ctx) => (typeof cvm === "string" ? findCvm(ctx, cvm) : cvm),
  }),
);

builder.objectFields(Cvm, (t) => ({
  state: t.field({
    type: CvmState,
    nullable: true,
    description: "Live state, read from the node. Null until a node is assigned.",
    cost: { calls: 1, batched: true },
    resolve: async (cvm, _args, ctx) => {
      const live = await fetchLiveState(ctx, cvm);
      return live === null ? null : { ...live, cvm };
    },
  }),
  stats: t.field({
    type: CvmStats,
    nullable: true,
    description:
      "System statistics such as memory, load and disks, as reported by the guest (the OS inside the CVM). See 'guest' in docs/glossary.md.",
    cost: { calls: 1, read: "stats" },
    resolve: (cvm, _args, ctx) => ctx.loaders.stats(cvm.id),
  }),
  network: t.field({
    type: CvmNetwork,
    nullable: true,
    description: "How to reach the CVM over the network.",
    cost: { calls: 1, read: "network" },
    resolve: (cvm, _args, ctx) => ctx.loaders.network(cvm.id),
  }),
  containers: t.field({
    type: [CvmContainer],
    nullable: { list: true, items: false },
    description: "Docker containers of the CVM. Null if the CVM is offline or does not publish them.",
    cost: { calls: 1, read: "containers" },
    resolve: (cvm, _args, ctx) => ctx.loaders.containers(cvm.id),
  }),
  attestation: t.field({
    type: Attestation,
    nullable: true,
    description:
      "Attestation: signed measurements that prove what the CVM runs. The gateway does not verify them.",
    cost: { calls: 1, read: "attestation" },
    resolve: (cvm, _args, ctx) => ctx.loaders.attestation(cvm.id),
  }),
  userConfig: t.field({
    type: CvmUserConfig,
    nullable: true,
    description: "Settings of the guest that are not part of the app-compose.",
    cost: { calls: 1, read: "userConfig" },
    resolve: (cvm, _args, ctx) => ctx.loaders.userConfig(cvm.id),
  }),
}));
