import {
  computeViewerCan,
  findViewer,
  type ViewerCan as ViewerCanModel,
  type Viewer as ViewerModel,
} from "../../resolvers/viewer/viewer.ts";
import { builder } from "../core/builder.ts";
import { Cvm } from "../cvm/cvm.ts";

const Permission = builder.enumType("Permission", {
  description: "What a role of this gateway allows. See docs/access.md.",
  values: {
    READ: { description: "Read the CVMs of the workspace, and follow them." },
    PLAN: { description: "Make a dry run with planCvmConfiguration." },
    POWER: { description: "Start, stop, shut down and restart a CVM." },
    CONFIGURE: {
      description: "Change every setting other than the environment, and provision an app-compose.",
    },
    ENVIRONMENT: { description: "Replace environment variables and the list of their allowed names." },
    CONFIRM: { description: "Confirm and commit changes, and send any transaction hash." },
  },
});

/** The enum values, by the names in the access file. */
const permissionNames = {
  read: "READ",
  plan: "PLAN",
  power: "POWER",
  configure: "CONFIGURE",
  environment: "ENVIRONMENT",
  confirm: "CONFIRM",
} as const;

const Viewer = builder.objectRef<ViewerModel>("Viewer").implement({
  description: "Caller of the request.",
  fields: (t) => ({
    subject: t.exposeString("subject", {
      nullable: true,
      description: "Subject of the token. Null for a caller that sends its own credential of the REST API.",
    }),
    workspace: t.exposeString("workspace", {
      nullable: true,
      description:
        "Workspace of the request: its name in the gateway or, for a caller with its own credential, the slug in X-Phala-Workspace. Null for the workspace that the credential belongs to.",
    }),
    permissions: t.field({
      type: [Permission],
      description:
        "Permissions that the caller has in the workspace, on all CVMs or on some: see Cvm.viewerCan. A caller with its own credential has all of them here, because the REST API decides.",
      resolve: ({ permissions }) => permissions.map((name) => permissionNames[name]),
    }),
  }),
});

const CvmViewerCan = builder.objectRef<ViewerCanModel>("CvmViewerCan").implement({
  description:
    "What the caller may do with a CVM, so that an interface can hide what would fail with FORBIDDEN. Everything is true for a caller that sends its own credential: the REST API decides.",
  fields: (t) => ({
    plan: t.exposeBoolean("plan", { description: "Make a dry run." }),
    configure: t.exposeBoolean("configure", {
      description: "Change settings other than the environment.",
    }),
    environment: t.exposeBoolean("environment", { description: "Change the environment." }),
    power: t.exposeBoolean("power", { description: "Start, stop, shut down and restart it." }),
    confirm: t.exposeBoolean("confirm", { description: "Confirm and commit changes." }),
  }),
});

builder.queryField("viewer", (t) =>
  t.field({
    type: Viewer,
    nullable: true,
    description: "Describe the caller. Null for a request without a token or a credential.",
    cost: { calls: 0 },
    resolve: (_root, _args, ctx) => findViewer(ctx),
  }),
);

builder.objectField(Cvm, "viewerCan", (t) =>
  t.field({
    type: CvmViewerCan,
    description: "What the caller may do with this CVM. See docs/access.md.",
    resolve: (cvm, _args, ctx) => computeViewerCan(ctx, cvm),
  }),
);
