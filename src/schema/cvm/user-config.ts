import type { CvmUserConfig as CvmUserConfigModel } from "../../upstream/configuration/user-config.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.userConfig` */
export const CvmUserConfig = builder.objectRef<CvmUserConfigModel>("CvmUserConfig").implement({
  description: "Settings of the guest that are not measured.",
  fields: (t) => ({
    hostname: t.exposeString("hostname", { nullable: true, description: "The guest's hostname." }),
    sshAuthorizedKeys: t.exposeStringList("sshAuthorizedKeys", {
      description: "The public keys that may log in.",
    }),
    defaultGatewayDomain: t.exposeString("defaultGatewayDomain", {
      nullable: true,
      description: "The domain of its public URLs.",
    }),
  }),
});
