import { findNode } from "../../resolvers/cvm/node.ts";
import { OPERATION_CALLS } from "../../resolvers/operation/operation.ts";
import { parseOperationId } from "../../resolvers/operation/operation-id.ts";
import { builder } from "../core/builder.ts";
import { Node } from "../core/node.ts";

builder.queryFields((t) => ({
  node: t.field({
    type: Node,
    nullable: true,
    description: "Read one object by its id. Null if the caller has no such object.",
    args: { id: t.arg.id({ required: true, description: "Id that this API returned." }) },
    cost: {
      calls: 0,
      more: [
        { calls: 1, when: "for a CVM", times: ({ id }) => parseOperationId(id) === null },
        {
          calls: OPERATION_CALLS,
          when: "for an operation",
          times: ({ id }) => parseOperationId(id) !== null,
        },
      ],
    },
    resolve: (_root, { id }, ctx, info) => findNode(ctx, id, "id", info),
  }),
  nodes: t.field({
    type: [Node],
    nullable: { list: false, items: true },
    description:
      "Read several objects by their ids, in the same order. An item is null if the caller has no such object.",
    args: { ids: t.arg.idList({ required: true, description: "Ids that this API returned." }) },
    cost: {
      calls: 0,
      more: [
        {
          calls: 1,
          when: "for each CVM",
          times: ({ ids }) => ids.filter((id) => parseOperationId(id) === null).length,
        },
        {
          calls: OPERATION_CALLS,
          when: "for each operation",
          times: ({ ids }) => ids.filter((id) => parseOperationId(id) !== null).length,
        },
      ],
      items: ({ ids }) => ids.length,
      separateItems: true,
    },
    resolve: (_root, { ids }, ctx, info) => ids.map((id, index) => findNode(ctx, id, `ids.${index}`, info)),
  }),
}));
