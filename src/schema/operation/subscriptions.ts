import type { GraphQLResolveInfo } from "graphql";
import { watchCvmState, watchOperation } from "../../resolvers/operation/subscriptions.ts";
import { builder } from "../core/builder.ts";
import { CvmState } from "../cvm/state.ts";
import { Operation } from "./operation.ts";

/** Whether a document can select what changes with every poll, whatever its fragments and aliases. */
function mentionsMeters({ operation }: GraphQLResolveInfo): boolean {
  const text = operation.loc?.source.body;
  return text === undefined || /\b(uptime|resourceUsage)\b/.test(text);
}

builder.subscriptionType({
  description:
    "Streams, over Server-Sent Events, WebSocket (graphql-transport-ws) or multipart HTTP, all at /graphql. All streams of one credential share one poll of the REST API. A slow client loses states in between, never the last one.",
});

builder.subscriptionField("cvmState", (t) =>
  t.field({
    type: CvmState,
    description:
      "The live state now, then on every change of what is selected, until the client leaves. Ends with NOT_FOUND or FORBIDDEN when the CVM is deleted or taken away.",
    args: { id: t.arg.id({ required: true, description: "Any identifier of the CVM." }) },
    subscribe: (_root, { id }, ctx, info) => watchCvmState(ctx, { id, meters: mentionsMeters(info) }),
    resolve: (state) => state,
  }),
);

builder.subscriptionField("operation", (t) =>
  t.field({
    type: Operation,
    description:
      "The operation now, then on every change; completes once it has ended. Open it with what a write answered: until the operation shows, its status is UNKNOWN, which is no end.",
    args: {
      cvmId: t.arg.id({ required: true, description: "Any identifier of the CVM." }),
      correlationId: t.arg.id({ required: true, description: "The correlationId of a write's InProgress." }),
    },
    subscribe: (_root, args, ctx) => watchOperation(ctx, args),
    resolve: (operation) => operation,
  }),
);
