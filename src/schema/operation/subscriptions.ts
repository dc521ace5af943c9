import { watchCvmState, watchOperation } from "../../resolvers/operation/subscriptions.ts";
import { builder } from "../core/builder.ts";
import { CvmState } from "../cvm/state.ts";
import { Operation } from "./operation.ts";

builder.subscriptionType({
  description:
    "Live updates over Server-Sent Events, WebSocket (graphql-transport-ws) or multipart HTTP, all at /graphql. All subscriptions with one credential in one workspace share one poll of the REST API. A slow client can miss intermediate states, but never the latest one.",
});

builder.subscriptionField("cvmState", (t) =>
  t.field({
    type: CvmState,
    description:
      "Follow the live state of a CVM: the present state first, then a new one for each change of the selected fields. Ends with the error NOT_FOUND or FORBIDDEN when the CVM is deleted or the caller loses access.",
    args: { id: t.arg.id({ required: true, description: "Any identifier of the CVM." }) },
    subscribe: (_root, args, ctx) => watchCvmState(ctx, args),
    resolve: (state) => state,
  }),
);

builder.subscriptionField("operation", (t) =>
  t.field({
    type: Operation,
    description:
      "Follow an operation: its present state first, then a new one for each change. Completes when the operation has ended. Subscribe with the correlation id that a write returned. Until the operation is visible, its status is UNKNOWN, which is not final. Ends with the error NOT_FOUND if there is no trace of the operation for about a minute, and with BAD_USER_INPUT for a correlation id that cannot exist.",
    args: {
      cvmId: t.arg.id({ required: true, description: "Any identifier of the CVM." }),
      correlationId: t.arg.id({
        required: true,
        description: "Correlation id that a write returned in `InProgress`.",
      }),
    },
    subscribe: (_root, args, ctx) => watchOperation(ctx, args),
    resolve: (operation) => operation,
  }),
);
