import type { Connection } from "../../resolvers/cvm/offset-connection.ts";
import { listOperationConnection, MAX_PAGES } from "../../resolvers/operation/operation-connection.ts";
import type { Operation as OperationModel } from "../../resolvers/operation/status.ts";
import { builder } from "../core/builder.ts";
import { PageInfo } from "../core/page-info.ts";
import { Cvm } from "../cvm/cvm.ts";
import { Operation } from "./operation.ts";

const OperationEdge = builder
  .objectRef<Connection<OperationModel>["edges"][number]>("OperationEdge")
  .implement({
    description: "An operation at its place in the history.",
    fields: (t) => ({
      cursor: t.exposeString("cursor", { description: "Its place, to go on after." }),
      node: t.expose("node", { type: Operation, description: "The operation." }),
    }),
  });

const OperationConnection = builder
  .objectRef<Awaited<ReturnType<typeof listOperationConnection>>>("OperationConnection")
  .implement({
    description: "A page of a CVM's operations, newest first.",
    fields: (t) => ({
      edges: t.expose("edges", {
        type: [OperationEdge],
        description: "The operations with their cursors.",
      }),
      nodes: t.field({
        type: [Operation],
        description: "The operations alone.",
        resolve: ({ edges }) => edges.map(({ node }) => node),
      }),
      pageInfo: t.expose("pageInfo", {
        type: PageInfo,
        description: "Whether there is more.",
      }),
      totalCount: t.exposeInt("totalCount", {
        nullable: true,
        description: "About how many there are in all; the REST API only estimates it.",
      }),
    }),
  });

builder.objectField(Cvm, "operations", (t) =>
  t.field({
    type: OperationConnection,
    nullable: true,
    description:
      "What was done to this CVM, newest first. A cursor is a place in that history: new operations shift nothing.",
    args: {
      first: t.arg.int({ defaultValue: 20, description: "How many operations, 1 to 100." }),
      after: t.arg.string({ description: "The endCursor of the page before." }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 1, when: "while an operation runs" },
        { calls: MAX_PAGES - 1, when: "to find the place of `after`", times: ({ after }) => Boolean(after) },
      ],
      items: ({ first }) => Number(first),
    },
    resolve: (cvm, args, ctx) => listOperationConnection(ctx, cvm, args),
  }),
);
