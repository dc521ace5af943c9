import { defaultPageSizes, MAX_PAGE_SIZE } from "../../limits.ts";
import {
  type CvmConnection as CvmConnectionModel,
  listCvmConnection,
} from "../../resolvers/cvm/cvm-connection.ts";
import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { createConnectionType } from "../core/connection.ts";
import { omitAbsent } from "../input/given.ts";
import { Cvm } from "./cvm.ts";

const CvmConnection = createConnectionType<CvmModel, CvmConnectionModel>(
  Cvm,
  "CVMs",
  "One page of the CVMs that the caller can read.",
);

builder.objectField(CvmConnection, "totalCount", (t) =>
  t.exposeInt("totalCount", { description: "Number of CVMs on all pages." }),
);

builder.queryField("cvms", (t) =>
  t.field({
    type: CvmConnection,
    description:
      "List the CVMs of the caller's workspace, in the order of the REST API. See 'workspace' in docs/glossary.md. A cursor is a position in this list and not tied to a CVM: when a CVM is created or deleted between two pages, one CVM can appear twice or be missing.",
    args: {
      first: t.arg.int({
        defaultValue: defaultPageSizes.cvms,
        description: `Number of CVMs on the page, 1 to ${MAX_PAGE_SIZE}.`,
      }),
      after: t.arg.string({ description: "Value of `endCursor` on the previous page." }),
    },
    cost: {
      calls: 1,
      more: [{ calls: 1, when: "if `first` changed between pages", times: ({ after }) => Boolean(after) }],
      items: ({ first }) => first ?? 0,
    },
    resolve: (_root, args, ctx) => listCvmConnection(ctx, omitAbsent(args)),
  }),
);
