import type {
  AvailableOsImage as AvailableOsImageModel,
  OsImageVariant as OsImageVariantModel,
} from "../../upstream/configuration/os-images.ts";
import { builder } from "../core/builder.ts";

const OsImageVariant = builder.objectRef<OsImageVariantModel>("OsImageVariant").implement({
  description: "One build of an OS version.",
  fields: (t) => ({
    name: t.exposeString("name", { description: "Its name. Several builds can share one." }),
    slug: t.exposeString("slug", {
      nullable: true,
      description: "Its unique name: best choice for `image` and `osImageName`.",
    }),
    osImageHash: t.expose("osImageHash", {
      type: "Hex",
      nullable: true,
      description: "The hash of the image.",
    }),
    isCurrent: t.exposeBoolean("isCurrent", { description: "Whether the CVM runs it now." }),
    enabled: t.exposeBoolean("enabled", {
      description: "Only an enabled image may be chosen.",
    }),
    requiresGpu: t.exposeBoolean("requiresGpu", { nullable: true, description: "Whether it needs a GPU." }),
  }),
});

/** `Cvm.availableOsImages` */
export const AvailableOsImage = builder.objectRef<AvailableOsImageModel>("AvailableOsImage").implement({
  description: "An OS version that a CVM can be moved to.",
  fields: (t) => ({
    version: t.exposeString("version", { description: "For example 0.5.5." }),
    prod: t.expose("prod", {
      type: OsImageVariant,
      nullable: true,
      description: "The build for production.",
    }),
    dev: t.expose("dev", {
      type: OsImageVariant,
      nullable: true,
      description: "The build that lets its operator log in.",
    }),
  }),
});
