import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.visibility` */
export const Visibility = builder.objectRef<CvmModel["visibility"]>("Visibility").implement({
  description:
    "Which data of a CVM is public, that is, readable without a credential. These flags are part of the app-compose, so changing one restarts the CVM.",
  fields: (t) => ({
    publicSysinfo: t.exposeBoolean("publicSysinfo", {
      description: "Whether system statistics such as memory and load are public.",
    }),
    publicLogs: t.exposeBoolean("publicLogs", { description: "Whether container logs are public." }),
    publicTcbinfo: t.exposeBoolean("publicTcbinfo", {
      description: "Whether the measurements of the TCB (trusted computing base) are public.",
    }),
  }),
});
