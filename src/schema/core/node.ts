import { builder } from "./builder.ts";

/** Relay's interface of objects with a global id. */
export const Node = builder.interfaceRef<{ readonly id: string }>("Node").implement({
  description: "Object that can be read again by its id, with Query.node.",
  fields: (t) => ({
    id: t.exposeID("id", {
      description:
        "Global id. For a CVM, it is the cvm_… id of the REST API. For other objects, it is opaque.",
    }),
  }),
});
