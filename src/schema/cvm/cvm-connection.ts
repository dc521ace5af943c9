import {
  type CvmConnection as CvmConnectionModel,
  listCvmConnection,
} from "../../resolvers/cvm/cvm-connection.ts";
import { builder } from "../core/builder.ts";
import { PageInfo } from "../core/page-info.ts";
import { Cvm } from "./cvm.ts";

const CvmEdge = builder.objectRef<CvmConnectionModel["edges"][number]>("CvmEdge").implement({
  description: "A CVM at its place in the list.",
  fields: (t) => ({
    cursor: t.exposeString("cursor", { description: "Its position, to go on after." }),
    node: t.expose("node", { type: Cvm, description: "The CVM." }),
  }),
});

const CvmConnection = builder.objectRef<CvmConnectionModel>("CvmConnection").implement({
  description: "A page of CVMs.",
  fields: (t) => ({
    edges: t.expose("edges", {
      type: [CvmEdge],
      description: "The CVMs with their cursors.",
    }),
    nodes: t.field({
      type: [Cvm],
      description: "The CVMs alone.",
      resolve: ({ edges }) => edges.map(({ node }) => node),
    }),
    pageInfo: t.expose("pageInfo", {
      type: PageInfo,
      description: "Whether there is more.",
    }),
    totalCount: t.exposeInt("totalCount", {
      description: "How many CVMs the caller has in all.",
    }),
  }),
});

builder.queryField("cvms", (t) =>
  t.field({
    type: CvmConnection,
    description:
      "The caller's CVMs, in the REST API's order. A cursor is a position in that list, not a bookmark on a CVM: when CVMs are created or deleted between two pages, one may be met twice or missed.",
    args: {
      first: t.arg.int({ defaultValue: 30, description: "How many CVMs, 1 to 100." }),
      after: t.arg.string({ description: "The endCursor of the page before." }),
    },
    cost: {
      calls: 1,
      more: [{ calls: 1, when: "if `first` changed between pages", times: ({ after }) => Boolean(after) }],
      items: ({ first }) => Number(first),
    },
    resolve: (_root, args, ctx) => listCvmConnection(ctx, args),
  }),
);
