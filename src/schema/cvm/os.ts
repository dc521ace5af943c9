import type {
  AvailableOsImage as AvailableOsImageModel,
  OsImageVariant as OsImageVariantModel,
} from "../../upstream/configuration/os-images.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";

/** `Cvm.os` */
export const CvmOs = builder.objectRef<NonNullable<CvmModel["os"]>>("CvmOs").implement({
  description: "OS image that a CVM boots from.",
  fields: (t) => ({
    name: t.exposeString("name", {
      nullable: true,
      description: "Name of the image, for example dstack-0.5.5.",
    }),
    version: t.exposeString("version", {
      nullable: true,
      description: "Version of the OS, for example 0.5.5.",
    }),
    isDev: t.exposeBoolean("isDev", {
      nullable: true,
      description:
        "Whether it is a development image. With such an image, the operator can log in to the CVM.",
    }),
    imageHash: t.expose("imageHash", { type: "Hex", nullable: true, description: "Hash of the image." }),
  }),
});

const OsImageVariant = builder.objectRef<OsImageVariantModel>("OsImageVariant").implement({
  description: "One build of an OS version, either for production or for development.",
  fields: (t) => ({
    name: t.exposeString("name", {
      description: "Name of the build. Several builds can have the same name.",
    }),
    slug: t.exposeString("slug", {
      nullable: true,
      description: "Unique name of the build. Prefer it as the value of `image` and `osImageName`.",
    }),
    osImageHash: t.expose("osImageHash", { type: "Hex", nullable: true, description: "Hash of the image." }),
    isCurrent: t.exposeBoolean("isCurrent", { description: "Whether the CVM boots from this build now." }),
    enabled: t.exposeBoolean("enabled", {
      description: "Whether the CVM can change to this build. A disabled build is rejected.",
    }),
    requiresGpu: t.exposeBoolean("requiresGpu", {
      nullable: true,
      description: "Whether the build needs a GPU.",
    }),
  }),
});

/** `Cvm.availableOsImages` */
export const AvailableOsImage = builder.objectRef<AvailableOsImageModel>("AvailableOsImage").implement({
  description: "OS version that a CVM can change to with configureCvm or updateOsImage.",
  fields: (t) => ({
    version: t.exposeString("version", { description: "Version of the OS, for example 0.5.5." }),
    prod: t.expose("prod", {
      type: OsImageVariant,
      nullable: true,
      description: "Production build. Null if there is none.",
    }),
    dev: t.expose("dev", {
      type: OsImageVariant,
      nullable: true,
      description: "Development build, with which the operator can log in to the CVM. Null if there is none.",
    }),
  }),
});
