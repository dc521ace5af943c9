import { fetchPredictedMatch } from "../../../resolvers/compose/predicted-match.ts";
import { buildSafeTransaction, listPrerequisites } from "../../../resolvers/registration/registration.ts";
import { buildTransaction, fetchAppId } from "../../../resolvers/registration/transaction.ts";
import { fetchResultCvm } from "../../../resolvers/write/in-progress.ts";
import type { OnChainHashRequired as OnChainHashRequiredModel } from "../../../resolvers/write/types.ts";
import { builder } from "../../core/builder.ts";
import type { FieldCostOptions } from "../../core/field-cost.ts";
import { Cvm } from "../../cvm/cvm.ts";
import { KmsNode } from "./kms-node.ts";
import { TransactionRequest } from "./transaction-request.ts";

const OnChainStatus = builder
  .objectRef<NonNullable<OnChainHashRequiredModel["onChainStatus"]>>("OnChainStatus")
  .implement({
    description: "What the app contract allows already. A flag is null if that is unknown.",
    fields: (t) => ({
      composeHashAllowed: t.exposeBoolean("composeHashAllowed", {
        nullable: true,
        description: "Whether the new compose hash is registered.",
      }),
      deviceIdAllowed: t.exposeBoolean("deviceIdAllowed", {
        nullable: true,
        description: "Whether the TEE device of the CVM may run the app.",
      }),
      isAllowed: t.exposeBoolean("isAllowed", {
        nullable: true,
        description:
          "Whether both are allowed. If so, no transaction is needed, and commitCvmUpdate accepts an empty transactionHash.",
      }),
    }),
  });

const unnamedChain = { calls: 1, when: "if the answer does not name the chain or the app" };

const prerequisitesCost: FieldCostOptions<object> = {
  calls: 0,
  more: [{ calls: 1, when: "without prepareOnly, or if the answer does not name the device" }, unnamedChain],
  shared: "prerequisites and safeTransaction",
};

/** A change that waits until its compose hash is registered on chain. */
export const OnChainHashRequired = builder
  .objectRef<OnChainHashRequiredModel>("OnChainHashRequired")
  .implement({
    description: [
      "Change that waits for a registration on chain. Nothing is applied yet: the key management service (KMS) of the CVM is a contract, and the owner of the app has to register the new compose hash first. See 'on-chain KMS' in docs/glossary.md.",
      "Send `prerequisites` and then `transaction` from the wallet of the owner, and wait for the receipt. Then call confirmCvmPatch with composeHash and the hash of the transaction. After a single-purpose mutation, call that mutation again with the same input and both hashes.",
      "The REST API keeps the change for 14 days.",
      "A hash that is registered already needs no transaction: with prepareOnly, onChainStatus.isAllowed says so, and commitCvmUpdate with an empty transactionHash applies the change. Without prepareOnly, send the change again with it, or send `transaction` once more, which is harmless but costs gas.",
    ].join("\n\n"),
    fields: (t) => ({
      message: t.exposeString("message", { description: "Message of the REST API." }),
      composeHash: t.expose("composeHash", {
        type: "Hex",
        description: "Compose hash to register, 32 bytes.",
      }),
      appId: t.field({
        type: "Hex",
        description: "Id of the app, 20 bytes. The address of its contract is 0x and this id.",
        cost: { calls: 0, more: [{ calls: 1, when: "if the answer does not name the app" }] },
        resolve: (required, _args, ctx) => fetchAppId(ctx, required),
      }),
      deviceId: t.expose("deviceId", {
        type: "Hex",
        nullable: true,
        description: "Id of the TEE device that will run the change.",
      }),
      kms: t.expose("kms", {
        type: KmsNode,
        nullable: true,
        description: "KMS that will check the hash. Null if the REST API does not report it.",
      }),
      matchesPredictedHash: t.boolean({
        nullable: true,
        description:
          "Whether composeHash is the hash that the gateway predicts for this change. False means that the REST API stored something else than was sent, or that the configuration has changed in between: compare before you sign. composeHash is the hash to register in either case. Null if the gateway cannot predict the hash.",
        cost: { calls: 2 },
        resolve: (required, _args, ctx) => fetchPredictedMatch(ctx, required),
      }),
      onChainStatus: t.expose("onChainStatus", {
        type: OnChainStatus,
        nullable: true,
        description: "What the contract allows already. Only with prepareOnly.",
      }),
      commitToken: t.expose("commitToken", {
        type: "SecretString",
        nullable: true,
        description:
          "Only with prepareOnly: a secret with which anyone can apply the change once through commitCvmUpdate, without another credential. Valid for 14 days, until the next prepareOnly for this CVM ends it. See 'commit token' in docs/glossary.md.",
      }),
      commitUrl: t.exposeString("commitUrl", {
        nullable: true,
        description: "Only with prepareOnly: a web page on which the change can be confirmed.",
      }),
      apiCommitUrl: t.exposeString("apiCommitUrl", {
        nullable: true,
        description: "Only with prepareOnly: the REST endpoint that confirms the change.",
      }),
      transaction: t.field({
        type: TransactionRequest,
        description: "Transaction that registers the hash: addComposeHash(bytes32) on the app contract.",
        cost: { calls: 0, more: [unnamedChain] },
        resolve: (required, _args, ctx) => buildTransaction(ctx, required),
      }),
      prerequisites: t.field({
        type: [TransactionRequest],
        nullable: { list: true, items: false },
        description:
          "Transactions to send before `transaction`: addDevice(bytes32) if the app contract does not allow the device yet. If they are not sent, the REST API accepts the change, but the CVM gets no keys at boot. Empty if the device is allowed, null if that is unknown.",
        cost: prerequisitesCost,
        resolve: async (required, _args, ctx) =>
          listPrerequisites(ctx, required, await buildTransaction(ctx, required)),
      }),
      safeTransaction: t.field({
        type: "JSON",
        nullable: true,
        description:
          "`prerequisites` and `transaction` as the JSON file that the Transaction Builder of a Safe imports, for an owner that is a multisig: one batch to sign. If prerequisites is null, the file holds `transaction` only.",
        cost: prerequisitesCost,
        resolve: async (required, _args, ctx) =>
          buildSafeTransaction(ctx, required, await buildTransaction(ctx, required)),
      }),
      cvm: t.field({
        type: Cvm,
        nullable: true,
        description: "CVM of the change, which is not applied yet.",
        cost: { calls: 1 },
        resolve: (result, _args, ctx) => fetchResultCvm(ctx, result),
      }),
    }),
  });
