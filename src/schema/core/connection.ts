import type { ObjectRef } from "@pothos/core";
import { builder, type SchemaTypes } from "./builder.ts";

/** One page of a list, as Relay describes it. */
export type Page<Node> = {
  readonly edges: readonly { readonly cursor: string; readonly node: Node }[];
  readonly pageInfo: {
    readonly hasNextPage: boolean;
    readonly hasPreviousPage: boolean;
    readonly startCursor: string | null;
    readonly endCursor: string | null;
  };
};

const PageInfo = builder.objectRef<Page<unknown>["pageInfo"]>("PageInfo").implement({
  description: "Position of one page in its list, for reading the next page.",
  fields: (t) => ({
    hasNextPage: t.exposeBoolean("hasNextPage", { description: "Whether more items follow." }),
    hasPreviousPage: t.exposeBoolean("hasPreviousPage", {
      description: "Whether items precede this page. The list can only be read forwards.",
    }),
    startCursor: t.exposeString("startCursor", {
      nullable: true,
      description: "Cursor of the first item. Null on an empty page.",
    }),
    endCursor: t.exposeString("endCursor", {
      nullable: true,
      description:
        "Cursor of the last item: send it as `after` to read the next page. Null on an empty page.",
    }),
  }),
});

/**
 * Declare the connection type of a node type, with its edge type. Add `totalCount` with
 * `builder.objectField`: its nullability differs between lists.
 *
 * @param plural name of the nodes in descriptions, for example "CVMs"
 */
export function createConnectionType<Node, Connection extends Page<Node>>(
  node: ObjectRef<SchemaTypes, Node>,
  plural: string,
  description: string,
) {
  const edge = builder.objectRef<Page<Node>["edges"][number]>(`${node.name}Edge`).implement({
    description: "One item of the list: the node and its cursor.",
    fields: (t) => ({
      cursor: t.exposeString("cursor", {
        description: "Position of the item: send it as `after` to read what follows it.",
      }),
      node: t.expose("node", { type: node, description: "Item of the list." }),
    }),
  });
  return builder.objectRef<Connection>(`${node.name}Connection`).implement({
    description,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        description: `${plural} of this page, each with its cursor.`,
        resolve: (parent) => parent.edges,
      }),
      nodes: t.field({
        type: [node],
        description: `${plural} of this page, without cursors.`,
        resolve: (parent) => parent.edges.map((item) => item.node),
      }),
      pageInfo: t.field({
        type: PageInfo,
        description: "Whether there are more pages, and from where to read on.",
        resolve: (parent) => parent.pageInfo,
      }),
    }),
  });
}
