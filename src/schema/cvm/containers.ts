import type { CvmContainer as CvmContainerModel } from "../../upstream/resources/containers.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.containers` */
export const CvmContainer = builder.objectRef<CvmContainerModel>("CvmContainer").implement({
  description: "A container in a CVM.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Docker's id of it." }),
    names: t.exposeStringList("names", { description: "Its names." }),
    image: t.exposeString("image", { nullable: true, description: "The image it was made from." }),
    imageId: t.exposeString("imageId", { nullable: true, description: "Docker's id of the image." }),
    command: t.exposeString("command", { nullable: true, description: "What it runs." }),
    createdAt: t.expose("createdAt", { type: "DateTime", nullable: true, description: "When it was made." }),
    state: t.exposeString("state", { nullable: true, description: "Docker's state, for example running." }),
    status: t.exposeString("status", {
      nullable: true,
      description: "Docker's status text, for example Up 2 hours.",
    }),
    logEndpoint: t.exposeString("logEndpoint", {
      nullable: true,
      description: "Where its logs can be read, if they are public.",
    }),
  }),
});
