import { type ErrorFacts, errorCatalog } from "../../error-catalog.ts";
import { builder } from "./builder.ts";

const ErrorDescription = builder
  .objectRef<ErrorFacts & { readonly code: string }>("ErrorDescription")
  .implement({
    description: "Explanation of one error code, for tools that show errors to people.",
    fields: (t) => ({
      code: t.exposeString("code", { description: "Code, as in `extensions.code` of an error." }),
      retryable: t.exposeBoolean("retryable", {
        description: "Whether the same request can usually succeed later.",
      }),
      cause: t.exposeString("cause", { description: "Why the error occurs." }),
      remedy: t.exposeString("remedy", { description: "What to do next." }),
    }),
  });

builder.queryField("errorCatalog", (t) =>
  t.field({
    type: [ErrorDescription],
    description: "List all error codes of this API. Needs no credential.",
    cost: { calls: 0 },
    resolve: () => Object.entries(errorCatalog).map(([code, facts]) => ({ code, ...facts })),
  }),
);
