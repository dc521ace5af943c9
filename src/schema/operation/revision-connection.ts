import { defaultPageSizes, MAX_PAGE_SIZE } from "../../limits.ts";
import type { Connection } from "../../resolvers/cvm/offset-connection.ts";
import { listRevisionConnection } from "../../resolvers/cvm/revision-connection.ts";
import type { Revision as RevisionModel } from "../../upstream/resources/revisions.ts";
import { builder } from "../core/builder.ts";
import { createConnectionType } from "../core/connection.ts";
import { Cvm } from "../cvm/cvm.ts";
import { omitAbsent } from "../input/given.ts";

const Revision = builder.objectRef<RevisionModel>("Revision").implement({
  description:
    "Configuration that an app had at some time. It records when and by whom a configuration was deployed, not its content.",
  fields: (t) => ({
    id: t.exposeID("id", { description: "Id of the revision in the REST API." }),
    appId: t.expose("appId", { type: "Hex", nullable: true, description: "Id of the app, 20 bytes." }),
    vmUuid: t.exposeString("vmUuid", {
      nullable: true,
      description:
        "CVM that the configuration was deployed to, as Cvm.vmUuid. All CVMs of an app have one common list of revisions.",
    }),
    composeHash: t.expose("composeHash", {
      type: "Hex",
      nullable: true,
      description: "Compose hash of the configuration, 32 bytes.",
    }),
    createdAt: t.expose("createdAt", {
      type: "DateTime",
      nullable: true,
      description: "When the configuration was deployed.",
    }),
    operationType: t.exposeString("operationType", {
      nullable: true,
      description:
        "Type of the operation that created the revision, as the REST API spells it, for example deploy or update.",
    }),
    correlationId: t.exposeID("correlationId", {
      nullable: true,
      description: "Id of the operation that created the revision. Null if the REST API does not report it.",
    }),
    triggeredBy: t.exposeString("triggeredBy", {
      nullable: true,
      description: "Name of the user who deployed the configuration.",
    }),
  }),
});

const RevisionConnection = createConnectionType<RevisionModel, Connection<RevisionModel>>(
  Revision,
  "Revisions",
  "One page of the revisions of an app, newest first.",
);

builder.objectField(RevisionConnection, "totalCount", (t) =>
  t.exposeInt("totalCount", { description: "Number of revisions on all pages." }),
);

builder.objectField(Cvm, "revisions", (t) =>
  t.field({
    type: RevisionConnection,
    nullable: true,
    description:
      "Configurations that the CVM's app had, newest first, including those of the app's other CVMs. A cursor is a position in this list. Null for a CVM without an app id.",
    args: {
      first: t.arg.int({
        defaultValue: defaultPageSizes.revisions,
        description: `Number of revisions on the page, 1 to ${MAX_PAGE_SIZE}.`,
      }),
      after: t.arg.string({ description: "Value of `endCursor` on the previous page." }),
    },
    cost: {
      calls: 1,
      more: [{ calls: 1, when: "if `first` changed between pages", times: ({ after }) => Boolean(after) }],
      items: ({ first }) => first ?? 0,
    },
    resolve: (cvm, args, ctx) => listRevisionConnection(ctx, cvm, omitAbsent(args)),
  }),
);
