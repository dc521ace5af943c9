import { findResultOperation } from "../../../resolvers/operation/operation.ts";
import { fetchCorrelationId, fetchResultCvm } from "../../../resolvers/write/in-progress.ts";
import type { InProgress as InProgressModel } from "../../../resolvers/write/types.ts";
import { builder } from "../../core/builder.ts";
import { Cvm } from "../../cvm/cvm.ts";
import { Operation, operationCost } from "../../operation/operation.ts";

const UpdateStatus = builder.enumType("UpdateStatus", {
  description: "Whether an accepted mutation changes the CVM.",
  values: {
    IN_PROGRESS: { description: "The change is being applied. The CVM restarts." },
    NO_CHANGE: { description: "The CVM already has this configuration. Nothing restarts." },
  },
});

/** The fields that read the CVM after the write. */
const shared = "correlationId, operation and cvm";

/** A change that the REST API accepted. */
export const InProgress = builder.objectRef<InProgressModel>("InProgress").implement({
  description:
    "Change that the REST API accepted. It is applied after this answer: the CVM shuts down, changes and starts again. Follow `operation` to its end.",
  fields: (t) => ({
    status: t.field({
      type: UpdateStatus,
      description: "IN_PROGRESS if the CVM restarts, NO_CHANGE if it has this configuration already.",
      resolve: ({ changed }) => (changed ? "IN_PROGRESS" : "NO_CHANGE"),
    }),
    message: t.exposeString("message", {
      nullable: true,
      description:
        "Message of the REST API. The gateway adds to it if a second phase needed no signature, and if the given settings change nothing by themselves.",
    }),
    correlationId: t.id({
      nullable: true,
      description: "Id of the operation. Null if no operation was started or the REST API does not show one.",
      cost: {
        shared,
        calls: 0,
        more: [
          {
            calls: 1,
            when: "if the answer does not name the operation, as for visibility, start, stop, shutdown and restart",
          },
        ],
      },
      resolve: (result, _args, ctx) => fetchCorrelationId(ctx, result),
    }),
    allowedEnvsChanged: t.exposeBoolean("allowedEnvsChanged", {
      nullable: true,
      description:
        "Whether the list of allowed environment variables changed. Null unless the mutation changed the environment.",
    }),
    operation: t.field({
      type: Operation,
      nullable: true,
      description:
        "Operation that was started. Follow it with Subscription.operation, or poll it by its pollAfterMs. Null if nothing changes or the REST API does not name it.",
      cost: { ...operationCost, shared },
      resolve: (result, _args, ctx) => findResultOperation(ctx, result),
    }),
    cvm: t.field({
      type: Cvm,
      nullable: true,
      description: "CVM after the write.",
      cost: { calls: 1, shared },
      resolve: (result, _args, ctx) => fetchResultCvm(ctx, result),
    }),
  }),
});
