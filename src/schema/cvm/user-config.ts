import type { CvmUserConfig as CvmUserConfigModel } from "../../upstream/configuration/user-config.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.userConfig` */
export const CvmUserConfig = builder.objectRef<CvmUserConfigModel>("CvmUserConfig").implement({
  description:
    "Settings of the guest, that is, the OS inside a CVM. They are not part of the app-compose, so they do not change the compose hash.",
  fields: (t) => ({
    hostname: t.exposeString("hostname", { nullable: true, description: "Host name of the guest." }),
    sshAuthorizedKeys: t.exposeStringList("sshAuthorizedKeys", {
      description: "SSH public keys that can log in to the guest.",
    }),
    defaultGatewayDomain: t.exposeString("defaultGatewayDomain", {
      nullable: true,
      description: "Domain of the CVM's public URLs.",
    }),
  }),
});
