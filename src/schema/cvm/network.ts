import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import type { CvmNetwork as CvmNetworkModel } from "../../upstream/resources/network.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.endpoints` and `CvmNetwork.publicUrls` */
export const CvmEndpoint = builder.objectRef<CvmModel["endpoints"][number]>("CvmEndpoint").implement({
  description: "Public URLs at which a CVM answers.",
  fields: (t) => ({
    app: t.exposeString("app", {
      nullable: true,
      description: "URL of the app. Any CVM that runs the app can answer.",
    }),
    instance: t.exposeString("instance", { nullable: true, description: "URL of this CVM alone." }),
  }),
});

/** `Cvm.network` */
export const CvmNetwork = builder.objectRef<CvmNetworkModel>("CvmNetwork").implement({
  description: "How to reach a CVM over the network.",
  fields: (t) => ({
    isOnline: t.exposeBoolean("isOnline", {
      description: "Whether the guest, that is, the OS inside the CVM, responds.",
    }),
    isPublic: t.exposeBoolean("isPublic", { description: "Whether the CVM publishes this information." }),
    error: t.exposeString("error", {
      nullable: true,
      description: "Why the information is missing. Null if it is not.",
    }),
    internalIp: t.exposeString("internalIp", {
      nullable: true,
      description: "IP address in the private network of the dstack gateway, which routes the public URLs.",
    }),
    latestHandshake: t.expose("latestHandshake", {
      type: "DateTime",
      nullable: true,
      description: "When the dstack gateway and the CVM last exchanged a handshake.",
    }),
    publicUrls: t.expose("publicUrls", { type: [CvmEndpoint], description: "Public URLs of the CVM." }),
  }),
});
