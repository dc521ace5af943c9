import { buildSafeTransaction, listPrerequisites } from "../../resolvers/write/prerequisites.ts";
import {
  buildTransaction,
  type OnChainHashRequired as OnChainHashRequiredModel,
  readResultCvm,
  type TransactionRequest as TransactionRequestModel,
} from "../../resolvers/write/write-result.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { Cvm } from "../cvm/cvm.ts";
import { KmsNode } from "./kms-node.ts";

const OnChainStatus = builder
  .objectRef<NonNullable<OnChainHashRequiredModel["onChainStatus"]>>("OnChainStatus")
  .implement({
    description: "What the app contract allows already; null where that is not known.",
    fields: (t) => ({
      composeHashAllowed: t.exposeBoolean("composeHashAllowed", {
        nullable: true,
        description: "Whether the new compose hash is registered.",
      }),
      deviceIdAllowed: t.exposeBoolean("deviceIdAllowed", {
        nullable: true,
        description: "Whether the CVM's device may run the app.",
      }),
      isAllowed: t.exposeBoolean("isAllowed", {
        nullable: true,
        description:
          "Whether both are: then no transaction is needed, and commitCvmUpdate takes an empty transactionHash.",
      }),
    }),
  });

/** A transaction that the app's owner has to send. */
export const TransactionRequest = builder.objectRef<TransactionRequestModel>("TransactionRequest").implement({
  description: "A transaction, ready for eth_sendTransaction from the app contract's owner.",
  fields: (t) => ({
    chainId: t.exposeInt("chainId", {
      description: "The chain that the wallet has to be on.",
    }),
    to: t.expose("to", { type: "EthAddress", description: "The app contract." }),
    data: t.exposeString("data", { description: "The call data, hex with 0x." }),
    value: t.exposeString("value", {
      description: "Always 0x0: the call takes no payment.",
    }),
  }),
});

/** A change that waits for a registered compose hash. */
export const OnChainHashRequired = builder
  .objectRef<OnChainHashRequiredModel>("OnChainHashRequired")
  .implement({
    description:
      "Nothing was applied yet: the CVM's KMS is a contract, and its owner has to register the new compose hash first. Send `transaction` from the owner's wallet, wait for its receipt, then call confirmCvmPatch with composeHash and the transaction's hash; after a single-purpose mutation, call that mutation again with the same input and both hashes. The change is kept for seven days. A hash that is registered already asks for no transaction: with prepareOnly, onChainStatus.isAllowed tells, and commitCvmUpdate with an empty transactionHash applies it; without prepareOnly, ask again with it, or send `transaction` once more, which is harmless and costs gas.",
    fields: (t) => ({
      message: t.exposeString("message", { description: "The REST API's own words." }),
      composeHash: t.expose("composeHash", {
        type: "Hex",
        description: "The hash to register, 32 bytes.",
      }),
      appId: t.expose("appId", {
        type: "Hex",
        description: "The app; its contract's address is 0x and this.",
      }),
      deviceId: t.expose("deviceId", {
        type: "Hex",
        nullable: true,
        description: "The device that will run the change.",
      }),
      kms: t.expose("kms", {
        type: KmsNode,
        description: "The KMS that will check the hash.",
      }),
      onChainStatus: t.expose("onChainStatus", {
        type: OnChainStatus,
        nullable: true,
        description: "What the contract allows already; only told with prepareOnly.",
      }),
      commitToken: t.expose("commitToken", {
        type: "SecretString",
        nullable: true,
        description:
          "With prepareOnly: whoever holds it can apply the change once, through commitCvmUpdate, without a credential.",
      }),
      commitUrl: t.exposeString("commitUrl", {
        nullable: true,
        description: "With prepareOnly: a page where the change can be confirmed.",
      }),
      apiCommitUrl: t.exposeString("apiCommitUrl", {
        nullable: true,
        description: "With prepareOnly: the REST endpoint that confirms it.",
      }),
      transaction: t.field({
        type: TransactionRequest,
        description: "Registers the hash: addComposeHash(bytes32) on the app contract.",
        extensions: costs(1),
        resolve: (required, _args, ctx) => buildTransaction(ctx, required),
      }),
      prerequisites: t.field({
        type: [TransactionRequest],
        nullable: { list: true, items: false },
        description:
          "What the owner has to send before `transaction`: addDevice(bytes32) where the app contract does not allow the CVM's device yet; without it the change is taken and the CVM then gets no keys at boot. Empty where the device is allowed, null where that cannot be known. Costs one upstream call, none with prepareOnly.",
        extensions: costs(2),
        resolve: async (required, _args, ctx) =>
          listPrerequisites(ctx, required, await buildTransaction(ctx, required)),
      }),
      safeTransaction: t.field({
        type: "JSON",
        nullable: true,
        description:
          "`prerequisites` and `transaction` as the JSON file that the Transaction Builder of a Safe imports, for an owner that is a multisig: one batch to sign. Where prerequisites is null it holds `transaction` alone. Costs what prerequisites costs.",
        extensions: costs(2),
        resolve: async (required, _args, ctx) =>
          buildSafeTransaction(ctx, required, await buildTransaction(ctx, required)),
      }),
      cvm: t.field({
        type: Cvm,
        nullable: true,
        description: "The CVM, unchanged. Costs one upstream call.",
        extensions: costs(1),
        resolve: (result, _args, ctx) => readResultCvm(ctx, result),
      }),
    }),
  });
