import type { KmsNode as KmsNodeModel } from "../../../upstream/resources/kms.ts";
import { builder } from "../../core/builder.ts";

/** The KMS that will check a new compose hash. */
export const KmsNode = builder.objectRef<KmsNodeModel>("KmsNode").implement({
  description:
    "Node of a key management service (KMS), which releases its keys to a CVM only if the compose hash is allowed. A field is null if the REST API does not report it.",
  fields: (t) => ({
    id: t.exposeID("id", { nullable: true, description: "Id of the node in the REST API." }),
    slug: t.exposeString("slug", { nullable: true, description: "Short name of the node." }),
    url: t.exposeString("url", { nullable: true, description: "URL of the node." }),
    version: t.exposeString("version", {
      nullable: true,
      description: "Version of the software on the node.",
    }),
    chainId: t.exposeInt("chainId", {
      nullable: true,
      description:
        "EVM chain of the KMS contract. Null if the KMS is not on chain, or if the REST API does not report the chain. TransactionRequest.chainId is always known.",
    }),
    contractAddress: t.expose("contractAddress", {
      type: "EthAddress",
      nullable: true,
      description: "Address of the KMS contract. Do not register compose hashes there.",
    }),
    gatewayAppId: t.expose("gatewayAppId", {
      type: "Hex",
      nullable: true,
      description: "App id of the dstack gateway that belongs to the KMS.",
    }),
  }),
});
