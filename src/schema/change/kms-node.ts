import type { KmsNode as KmsNodeModel } from "../../upstream/resources/kms.ts";
import { builder } from "../core/builder.ts";

/** The KMS of a change that has to be registered. */
export const KmsNode = builder.objectRef<KmsNodeModel>("KmsNode").implement({
  description: "A node of the key management service.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "The REST API's id of it." }),
    slug: t.exposeString("slug", { nullable: true, description: "Its short name." }),
    url: t.exposeString("url", { description: "Where it answers." }),
    version: t.exposeString("version", { nullable: true, description: "Its software version." }),
    chainId: t.exposeInt("chainId", {
      nullable: true,
      description: "The EVM chain of its contract; null off chain.",
    }),
    contractAddress: t.expose("contractAddress", {
      type: "EthAddress",
      nullable: true,
      description: "The KMS contract. Compose hashes are not registered here.",
    }),
    gatewayAppId: t.expose("gatewayAppId", {
      type: "Hex",
      nullable: true,
      description: "The app id of its dstack gateway.",
    }),
  }),
});
