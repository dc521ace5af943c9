import {
  allowsAnyDevice,
  findAppContract,
  isComposeHashAllowed,
  isOwnDeviceAllowed,
} from "../../resolvers/cvm/contract-flags.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { Cvm } from "./cvm.ts";

/** The flags of one contract come from the same calls. */
const SHARED = "the flags of one CVM";

const CvmOnChain = builder.objectRef<CvmModel>("CvmOnChain").implement({
  description:
    "The contract that decides what a CVM may boot. The flags tell what the REST API reads from the chain, and are null where it could not: unknown is never false.",
  fields: (t) => ({
    appContractAddress: t.field({
      type: "EthAddress",
      nullable: true,
      description: "The app's own contract: compose hashes and devices are registered here.",
      resolve: (cvm) => cvm.kms.appContractAddress,
    }),
    chainId: t.int({
      nullable: true,
      description: "The EVM chain that the contract is on.",
      resolve: (cvm) => cvm.kms.chainId,
    }),
    owner: t.field({
      type: "EthAddress",
      nullable: true,
      description:
        "The account that may change the contract. Null as of now: the REST API tells the deployer at most, who need not own it. Call owner() of the contract with the wallet's own provider.",
      resolve: () => null,
    }),
    allowAnyDevice: t.boolean({
      nullable: true,
      description: "Whether every device may run the app.",
      cost: {
        calls: 1,
        more: [{ calls: 1, when: "if that leaves the devices open" }],
        shared: SHARED,
      },
      resolve: (cvm, _args, ctx) => allowsAnyDevice(ctx, cvm),
    }),
    composeHashAllowed: t.boolean({
      nullable: true,
      description: "Whether the compose hash that the CVM has now is registered.",
      cost: { calls: 1, shared: SHARED },
      resolve: (cvm, _args, ctx) => isComposeHashAllowed(ctx, cvm),
    }),
    deviceAllowed: t.boolean({
      nullable: true,
      description: "Whether the CVM's device may run the app; if not, its next boot gets no keys.",
      cost: {
        calls: 1,
        more: [{ calls: 1, when: "if that leaves the devices open" }],
        shared: SHARED,
      },
      resolve: (cvm, _args, ctx) => isOwnDeviceAllowed(ctx, cvm),
    }),
  }),
});

builder.objectField(Cvm, "onChain", (t) =>
  t.field({
    type: CvmOnChain,
    nullable: true,
    description:
      "The app contract and what it allows; null where no contract decides (Cvm.kms.requiresOnChainHash is false).",
    cost: { calls: 0 },
    resolve: (cvm) => findAppContract(cvm),
  }),
);
