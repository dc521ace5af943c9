import {
  allowsAnyDevice,
  fetchContractOwner,
  findAppContract,
  isComposeHashAllowed,
  isOwnDeviceAllowed,
} from "../../resolvers/cvm/contract-flags.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { Cvm } from "./cvm.ts";

/** The calls that the flags of one contract have in common. */
const SHARED = "the flags of one CVM";

/** The list of devices is read if the check of the compose hash does not report both device flags. */
const DEVICE_FLAG_COST = {
  calls: 1,
  more: [{ calls: 1, when: "if the first does not report the device flags" }],
  shared: SHARED,
};

const CvmOnChain = builder.objectRef<CvmModel>("CvmOnChain").implement({
  description:
    "App contract of a CVM with an on-chain KMS: the smart contract that lists the compose hashes and devices that can run the app. If the gateway has a URL of a node of the chain (CHAIN_RPC_URLS), the flags come from the contract itself and cost no upstream call. Otherwise they are what the REST API reads from the chain. A flag is null if it cannot be read, and never false in that case.",
  fields: (t) => ({
    appContractAddress: t.field({
      type: "EthAddress",
      nullable: true,
      description: "Address of the app contract, where compose hashes and devices are registered.",
      resolve: (cvm) => cvm.kms.appContractAddress,
    }),
    chainId: t.int({
      nullable: true,
      description: "Id of the EVM chain that the contract is on.",
      resolve: (cvm) => cvm.kms.chainId,
    }),
    owner: t.field({
      type: "EthAddress",
      nullable: true,
      description:
        "Account that can change the contract. Null if the gateway has no URL of a node of this chain (CHAIN_RPC_URLS), because the REST API does not report the owner, and null if that node does not answer. The zero address means that nobody can change the contract. Reads the chain, which costs no upstream call.",
      resolve: (cvm, _args, ctx) => fetchContractOwner(ctx, cvm),
    }),
    allowAnyDevice: t.boolean({
      nullable: true,
      description: "Whether the contract allows every device to run the app.",
      cost: DEVICE_FLAG_COST,
      resolve: (cvm, _args, ctx) => allowsAnyDevice(ctx, cvm),
    }),
    composeHashAllowed: t.boolean({
      nullable: true,
      description: "Whether the CVM's present compose hash is registered.",
      cost: { calls: 1, shared: SHARED },
      resolve: (cvm, _args, ctx) => isComposeHashAllowed(ctx, cvm),
    }),
    deviceAllowed: t.boolean({
      nullable: true,
      description:
        "Whether the contract allows the CVM's device to run the app. If not, the CVM gets no keys at its next boot.",
      cost: DEVICE_FLAG_COST,
      resolve: (cvm, _args, ctx) => isOwnDeviceAllowed(ctx, cvm),
    }),
  }),
});

builder.objectField(Cvm, "onChain", (t) =>
  t.field({
    type: CvmOnChain,
    nullable: true,
    description:
      "App contract of the CVM, and what it allows. Null if the KMS is not on chain (`kms.requiresOnChainHash` is false).",
    cost: { calls: 0 },
    resolve: (cvm) => findAppContract(cvm),
  }),
);
