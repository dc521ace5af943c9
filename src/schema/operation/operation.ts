import { MAX_INT } from "../../limits.ts";
import { findSelectedCvm } from "../../resolvers/cvm/cvm.ts";
import { computePollAfter, findOperationByIds } from "../../resolvers/operation/operation.ts";
import type { Operation as OperationModel } from "../../resolvers/operation/status.ts";
import { SEARCH_PAGE_SIZE, SEARCH_PAGES } from "../../upstream/resources/operations.ts";
import { builder } from "../core/builder.ts";
import type { FieldCostOptions } from "../core/field-cost.ts";
import { Node } from "../core/node.ts";
import { Cvm } from "../cvm/cvm.ts";

const OperationStatus = builder.enumType("OperationStatus", {
  description: "Whether an operation is still running and how it ended.",
  values: {
    IN_PROGRESS: { description: "The operation is running." },
    COMPLETED: { description: "The operation succeeded, and the REST API recorded it." },
    FAILED: { description: "The operation failed. See errorMessage." },
    UNKNOWN: {
      description: `No record of the operation was found. For some seconds after a write this is normal: the operation is not visible yet. Otherwise the id is wrong, or the operation is not among the latest ${SEARCH_PAGES * SEARCH_PAGE_SIZE} of its CVM. This status is not final: a client that goes on following gets another status or, after about a minute, the error NOT_FOUND.`,
    },
  },
});

/** The work that one write started on a CVM. */
export const Operation = builder.objectRef<OperationModel>("Operation").implement({
  description:
    "Work that a write starts on a CVM: an update, start, stop or restart. It runs for seconds to minutes after the write was accepted. Use its `status` to learn when it ends: a CVM with the status RUNNING can still have an operation ahead of it. See 'operation' in docs/glossary.md.",
  interfaces: [Node],
  isTypeOf: (value) => typeof value === "object" && value !== null && "correlationId" in value,
  fields: (t) => ({
    correlationId: t.exposeID("correlationId", {
      description: "Id of the operation, which the write returned. See 'correlation id' in docs/glossary.md.",
    }),
    type: t.exposeString("type", {
      description:
        "Type of the operation, as the REST API spells it, for example compose_update. `unknown` if the REST API does not report it.",
    }),
    status: t.expose("status", {
      type: OperationStatus,
      description: "Whether the operation is running and how it ended. COMPLETED and FAILED are final.",
    }),
    targetState: t.exposeString("targetState", {
      nullable: true,
      description: "Status that the CVM has when the operation succeeds, as the REST API spells it.",
    }),
    startedAt: t.expose("startedAt", {
      type: "DateTime",
      nullable: true,
      description: "When the operation started.",
    }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "When the operation ended. Null while it is running.",
    }),
    durationMs: t.int({
      nullable: true,
      description:
        "Duration in milliseconds. Null while the operation is running, and if it took more than 24 days.",
      resolve: ({ durationMs }) =>
        durationMs === null || durationMs > MAX_INT ? null : Math.round(durationMs),
    }),
    errorMessage: t.exposeString("errorMessage", {
      nullable: true,
      description:
        "Why the operation failed: the message of the REST API or, if there is none, the boot error of the guest.",
    }),
    step: t.exposeString("step", {
      nullable: true,
      description:
        "Current step of the shutdown or boot, as the guest (the OS inside the CVM) reports it. Null if the guest reports none, and after the end.",
    }),
    percent: t.exposeInt("percent", {
      description:
        "Progress from 0 to 100, computed from the steps of shutdown and boot and not from time. Within one stream it never decreases. It is 100 when the operation has ended, whether it succeeded or failed.",
    }),
    pollAfterMs: t.int({
      nullable: true,
      description:
        "For clients that poll instead of subscribing: time in milliseconds to wait before the next read. Null when the operation has ended. Stop as well when `operation` is null or has an error that is not retryable.",
      resolve: (operation, _args, ctx) => computePollAfter(ctx, operation),
    }),
    cvm: t.field({
      type: Cvm,
      nullable: true,
      description:
        "CVM that the operation runs on. In a subscription it comes from the poll that all subscribers share: with the live status, and read again when an operation has started or ended.",
      cost: { calls: 1 },
      resolve: ({ cvmId }, _args, ctx, info) => findSelectedCvm(ctx, cvmId, info),
    }),
  }),
});

/** Cost of finding one operation by its correlation id. */
export const operationCost: FieldCostOptions<unknown> = {
  calls: 2,
  more: [
    { calls: 1, when: "while it is running" },
    { calls: SEARCH_PAGES - 1, when: `if it is not among the latest ${SEARCH_PAGE_SIZE} operations` },
  ],
};

builder.queryField("operation", (t) =>
  t.field({
    type: Operation,
    nullable: true,
    description:
      "Read one operation of a CVM. Null if the caller has no such CVM. For an unknown correlation id, the status is UNKNOWN. A client that asks again after about a minute without a trace of the operation gets the error NOT_FOUND. A correlation id that cannot exist is BAD_USER_INPUT.",
    args: {
      cvmId: t.arg.id({ required: true, description: "Any identifier of the CVM." }),
      correlationId: t.arg.id({
        required: true,
        description: "Correlation id that a write returned in `InProgress`.",
      }),
    },
    cost: operationCost,
    resolve: (_root, args, ctx, info) => findOperationByIds(ctx, args, info),
  }),
);
