import type { Connection } from "../../resolvers/cvm/offset-connection.ts";
import { listRevisionConnection } from "../../resolvers/cvm/revision-connection.ts";
import type { Revision as RevisionModel } from "../../upstream/resources/revisions.ts";
import { builder } from "../core/builder.ts";
import { PageInfo } from "../core/page-info.ts";
import { Cvm } from "../cvm/cvm.ts";

const Revision = builder.objectRef<RevisionModel>("Revision").implement({
  description: "A configuration that an app had. Its content, the environment above all, is not told here.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "The REST API's id of the revision." }),
    appId: t.expose("appId", { type: "Hex", nullable: true, description: "The app, 20 bytes." }),
    vmUuid: t.exposeString("vmUuid", {
      nullable: true,
      description:
        "The CVM that it was deployed to, by Cvm.vmUuid: the replicas of an app share its history.",
    }),
    composeHash: t.expose("composeHash", {
      type: "Hex",
      nullable: true,
      description: "The hash of its app-compose.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      nullable: true,
      description: "When it was deployed.",
    }),
    operationType: t.exposeString("operationType", {
      nullable: true,
      description: "What made it, in the REST API's own word, for example deploy or update.",
    }),
    correlationId: t.exposeID("correlationId", {
      nullable: true,
      description: "The operation that made it, where the REST API names it.",
    }),
    triggeredBy: t.exposeString("triggeredBy", {
      nullable: true,
      description: "The name of the user who made it.",
    }),
  }),
});

const RevisionEdge = builder.objectRef<Connection<RevisionModel>["edges"][number]>("RevisionEdge").implement({
  description: "A revision at its place in the list.",
  fields: (t) => ({
    cursor: t.exposeString("cursor", { description: "Its position, to go on after." }),
    node: t.expose("node", { type: Revision, description: "The revision." }),
  }),
});

const RevisionConnection = builder.objectRef<Connection<RevisionModel>>("RevisionConnection").implement({
  description: "A page of revisions, newest first.",
  fields: (t) => ({
    edges: t.expose("edges", {
      type: [RevisionEdge],
      description: "The revisions with their cursors.",
    }),
    nodes: t.field({
      type: [Revision],
      description: "The revisions alone.",
      resolve: ({ edges }) => edges.map(({ node }) => node),
    }),
    pageInfo: t.expose("pageInfo", {
      type: PageInfo,
      description: "Whether there is more.",
    }),
    totalCount: t.exposeInt("totalCount", { description: "How many the app had in all." }),
  }),
});

builder.objectField(Cvm, "revisions", (t) =>
  t.field({
    type: RevisionConnection,
    nullable: true,
    description:
      "The configurations that this CVM's app had, newest first, those of its replicas among them; null for a CVM without an app id. A cursor is a position in that list.",
    args: {
      first: t.arg.int({ defaultValue: 20, description: "How many revisions, 1 to 100." }),
      after: t.arg.string({ description: "The endCursor of the page before." }),
    },
    cost: {
      calls: 1,
      more: [{ calls: 1, when: "if `first` changed between pages", times: ({ after }) => Boolean(after) }],
      items: ({ first }) => Number(first),
    },
    resolve: (cvm, args, ctx) => listRevisionConnection(ctx, cvm, args),
  }),
);
