import { builder } from "./builder.ts";

/** Anything that has a global id; the resolvers' types say which. */
export const Node = builder.interfaceRef<{ readonly id: string }>("Node").implement({
  description: "An object that can be read again by its id alone.",
  fields: (t) => ({
    id: t.exposeID("id", {
      description:
        "The global id. A CVM's is the REST API's own cvm_… id; those of other objects are opaque.",
    }),
  }),
});
