import {
  allowsAnyDevice,
  findAppContract,
  isComposeHashAllowed,
  isOwnDeviceAllowed,
} from "../../resolvers/cvm/contract-flags.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { Cvm } from "./cvm.ts";

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
      description:
        "Whether every device may run the app. The three flags of a CVM share one upstream call, and a second one where the first leaves the devices open.",
      extensions: costs(1),
      resolve: (cvm, _args, ctx) => allowsAnyDevice(ctx, cvm),
    }),
    composeHashAllowed: t.boolean({
      nullable: true,
      description: "Whether the compose hash that the CVM has now is registered. Costs one upstream call.",
      extensions: costs(1),
      resolve: (cvm, _args, ctx) => isComposeHashAllowed(ctx, cvm),
    }),
    deviceAllowed: t.boolean({
      nullable: true,
      description:
        "Whether the CVM's device may run the app; if not, its next boot gets no keys. Costs one upstream call, shared with the other flags.",
      extensions: costs(1),
      resolve: (cvm, _args, ctx) => isOwnDeviceAllowed(ctx, cvm),
    }),
  }),
});

builder.objectField(Cvm, "onChain", (t) =>
  t.field({
    type: CvmOnChain,
    nullable: true,
    description:
      "The app contract and what it allows; null where no contract decides (Cvm.kms.requiresOnChainHash is false). Costs nothing by itself; its flags do.",
    extensions: costs(1),
    resolve: (cvm) => findAppContract(cvm),
  }),
);
