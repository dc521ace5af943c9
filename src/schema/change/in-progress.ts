import { findResultOperation } from "../../resolvers/operation/operation.ts";
import {
  type InProgress as InProgressModel,
  readCorrelationId,
  readResultCvm,
} from "../../resolvers/write/write-result.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { Cvm } from "../cvm/cvm.ts";
import { Operation } from "../operation/operation.ts";

const UpdateStatus = builder.enumType("UpdateStatus", {
  description: "What a write led to.",
  values: {
    IN_PROGRESS: { description: "It was taken; the CVM restarts." },
    NO_CHANGE: { description: "The CVM already is as asked; nothing restarts." },
  },
});

/** A write that the REST API took. */
export const InProgress = builder.objectRef<InProgressModel>("InProgress").implement({
  description:
    "A change that was taken. It is applied after this answer: the CVM stops, changes and starts again.",
  fields: (t) => ({
    status: t.field({
      type: UpdateStatus,
      description: "Whether anything changes.",
      resolve: ({ changed }) => (changed ? "IN_PROGRESS" : "NO_CHANGE"),
    }),
    message: t.exposeString("message", { nullable: true, description: "The REST API's own words." }),
    correlationId: t.id({
      nullable: true,
      description:
        "The id of the operation; null where none was started or the REST API shows none. Costs one upstream call after those writes whose answer does not name it: visibility, start, stop, shutdown and restart.",
      extensions: costs(1),
      resolve: (result, _args, ctx) => readCorrelationId(ctx, result),
    }),
    allowedEnvsChanged: t.exposeBoolean("allowedEnvsChanged", {
      nullable: true,
      description:
        "Whether the list of allowed environment keys changed; only told for updates of the environment.",
    }),
    operation: t.field({
      type: Operation,
      nullable: true,
      description:
        "The operation that was begun, to follow with Subscription.operation or by its pollAfterMs; null where nothing changes or the REST API names none. Costs two or three upstream calls.",
      extensions: costs(4),
      resolve: (result, _args, ctx) => findResultOperation(ctx, result),
    }),
    cvm: t.field({
      type: Cvm,
      nullable: true,
      description: "The CVM, read after the write. Costs one upstream call.",
      extensions: costs(1),
      resolve: (result, _args, ctx) => readResultCvm(ctx, result),
    }),
  }),
});
