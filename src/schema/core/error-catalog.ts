import { type ErrorFacts, errorCatalog } from "../../error-catalog.ts";
import { builder } from "./builder.ts";

const ErrorDescription = builder
  .objectRef<ErrorFacts & { readonly code: string }>("ErrorDescription")
  .implement({
    description: "What an error code means.",
    fields: (t) => ({
      code: t.exposeString("code", { description: "The value of extensions.code." }),
      retryable: t.exposeBoolean("retryable", {
        description: "Whether the same request may succeed later, as a rule.",
      }),
      cause: t.exposeString("cause", { description: "Why it happens." }),
      remedy: t.exposeString("remedy", { description: "What to do next." }),
    }),
  });

builder.queryField("errorCatalog", (t) =>
  t.field({
    type: [ErrorDescription],
    description:
      "Every code that this API's own errors can have. Costs no upstream call and needs no credential.",
    resolve: () => Object.entries(errorCatalog).map(([code, facts]) => ({ code, ...facts })),
  }),
);
