import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.node` */
export const CvmNode = builder.objectRef<NonNullable<CvmModel["node"]>>("CvmNode").implement({
  description: "Physical machine that hosts a CVM.",
  fields: (t) => ({
    name: t.exposeString("name", { nullable: true, description: "Name of the machine." }),
    region: t.exposeString("region", { nullable: true, description: "Region where the machine is located." }),
    deviceId: t.expose("deviceId", {
      type: "Hex",
      nullable: true,
      description:
        "Device id: the id of the machine's TEE hardware (trusted execution environment), 32 bytes. If the KMS is on chain, the app contract has to allow this device. See 'device' in docs/glossary.md.",
    }),
  }),
});
