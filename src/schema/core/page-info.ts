import { builder } from "./builder.ts";

/** Relay's page information. */
export type PageInfoModel = {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly startCursor: string | null;
  readonly endCursor: string | null;
};

/** `PageInfo` of every connection. */
export const PageInfo = builder.objectRef<PageInfoModel>("PageInfo").implement({
  description: "Where a page stands in its list.",
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { description: "Whether more follows." }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", {
      description: "Whether something precedes.",
    }),
    startCursor: t.exposeString("startCursor", {
      nullable: true,
      description: "The first cursor; null on an empty page.",
    }),
    endCursor: t.exposeString("endCursor", {
      nullable: true,
      description: "The last cursor: send it as `after`.",
    }),
  }),
});
