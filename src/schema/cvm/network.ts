import type { CvmNetwork as CvmNetworkModel } from "../../upstream/resources/network.ts";
import { builder } from "../core/builder.ts";
import { CvmEndpoint } from "./resources.ts";

/** `Cvm.network` */
export const CvmNetwork = builder.objectRef<CvmNetworkModel>("CvmNetwork").implement({
  description: "How a CVM can be reached.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", { description: "Whether the guest answers." }),
    isPublic: t.exposeBoolean("isPublic", { description: "Whether it publishes this." }),
    error: t.exposeString("error", { nullable: true, description: "Why nothing is known." }),
    internalIp: t.exposeString("internalIp", {
      nullable: true,
      description: "Its address inside the gateway's network.",
    }),
    latestHandshake: t.expose("latestHandshake", {
      type: "DateTime",
      nullable: true,
      description: "When the gateway last met it.",
    }),
    publicUrls: t.expose("publicUrls", {
      type: [CvmEndpoint],
      description: "Its public URLs.",
    }),
  }),
});
