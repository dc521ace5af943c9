import { findNode } from "../../resolvers/cvm/node.ts";
import { builder } from "../core/builder.ts";
import { costs, readLength } from "../core/field-cost.ts";
import { Node } from "../core/node.ts";

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description:
      "The object with this id, or null when the caller has none. Costs one upstream call, for an operation two or three.",
    args: { id: t.arg.id({ required: true, description: "An id that this API gave out." }) },
    extensions: costs(1),
    resolve: (_root, { id }, ctx) => findNode(ctx, id),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description:
      "The objects with these ids, in this order, null where there is none. Costs one upstream call each, for an operation two or three.",
    args: { ids: t.arg.idList({ required: true, description: "Ids that this API gave out." }) },
    extensions: costs(readLength("ids"), { items: readLength("ids"), apart: true }),
    resolve: (_root, { ids }, ctx) => ids.map((id) => findNode(ctx, id)),
  }),
}));
