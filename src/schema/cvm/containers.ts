import type { CvmContainer as CvmContainerModel } from "../../upstream/resources/containers.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.containers` */
export const CvmContainer = builder.objectRef<CvmContainerModel>("CvmContainer").implement({
  description: "Docker container inside a CVM, running or stopped.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Docker's id of the container." }),
    names: t.exposeStringList("names", { description: "Names of the container." }),
    image: t.exposeString("image", {
      nullable: true,
      description: "Image that the container was created from.",
    }),
    imageId: t.exposeString("imageId", { nullable: true, description: "Docker's id of the image." }),
    command: t.exposeString("command", { nullable: true, description: "Command that the container runs." }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      nullable: true,
      description: "When the container was created.",
    }),
    state: t.exposeString("state", {
      nullable: true,
      description: "Docker's state of the container, for example running.",
    }),
    status: t.exposeString("status", {
      nullable: true,
      description: "Docker's status text, for example Up 2 hours.",
    }),
    logEndpoint: t.exposeString("logEndpoint", {
      nullable: true,
      description: "URL of the container's logs. It works only if the CVM's logs are public.",
    }),
  }),
});
