import { MAX_INT } from "../../limits.ts";
import { findCvm } from "../../resolvers/cvm/cvm.ts";
import { computePollAfter, findOperationByIds } from "../../resolvers/operation/operation.ts";
import type { Operation as OperationModel } from "../../resolvers/operation/status.ts";
import { SEARCH_PAGE_SIZE, SEARCH_PAGES } from "../../upstream/resources/operations.ts";
import { builder } from "../core/builder.ts";
import { Node } from "../core/node.ts";
import { Cvm } from "../cvm/cvm.ts";

const OperationStatus = builder.enumType("OperationStatus", {
  description: "How an operation stands, as far as there is evidence for this very correlation id.",
  values: {
    IN_PROGRESS: { description: "It runs." },
    COMPLETED: { description: "It ended well, and the REST API recorded it so." },
    FAILED: { description: "It ended badly: errorMessage says why." },
    UNKNOWN: {
      description:
        "Nothing is known of it. It has not shown yet, which is normal for some seconds, or it is older than the 300 that are looked through, or the id is wrong. This is no end.",
    },
  },
});

/** What a CVM went through, or goes through, under one correlation id. */
export const Operation = builder.objectRef<OperationModel>("Operation").implement({
  description:
    "A change of a CVM from its acceptance to its end. That a CVM runs is no proof that an operation ended: look at its status here.",
  interfaces: [Node],
  isTypeOf: (value) => typeof value === "object" && value !== null && "correlationId" in value,
  fields: (t) => ({
    correlationId: t.exposeID("correlationId", {
      description: "The id that the write answered with.",
    }),
    type: t.exposeString("type", {
      description:
        "Its kind in the REST API's own word, for example compose_update; `unknown` where it does not say.",
    }),
    status: t.expose("status", {
      type: OperationStatus,
      description: "How it stands. COMPLETED and FAILED are final.",
    }),
    targetState: t.exposeString("targetState", {
      nullable: true,
      description: "The CVM status that it is meant to end in.",
    }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: true, description: "When it started." }),
    completedAt: t.expose("completedAt", {
      type: "DateTime",
      nullable: true,
      description: "When it ended; null while it runs.",
    }),
    durationMs: t.int({
      nullable: true,
      description: "How long it took, in milliseconds; null while it runs, and for more than 24 days.",
      resolve: ({ durationMs }) =>
        durationMs === null || durationMs > MAX_INT ? null : Math.round(durationMs),
    }),
    errorMessage: t.exposeString("errorMessage", {
      nullable: true,
      description: "Why it failed: the REST API's message, else the guest's boot error.",
    }),
    step: t.exposeString("step", {
      nullable: true,
      description:
        "The shutdown or boot step that runs now, in the guest's words; null while the guest says nothing, and at the end.",
    }),
    percent: t.exposeInt("percent", {
      description:
        "How much of its course lies behind, 0 to 100, from the known steps of shutdown and boot and not from time. It never falls, and is 100 once the operation has ended, well or badly.",
    }),
    pollAfterMs: t.int({
      nullable: true,
      description:
        "For clients that cannot subscribe: in how many milliseconds asking again makes sense; null once it has ended.",
      resolve: (operation, _args, ctx) => computePollAfter(ctx, operation),
    }),
    cvm: t.field({
      type: Cvm,
      nullable: true,
      description: "The CVM. In a subscription, every event reads it again.",
      cost: { calls: 1 },
      resolve: ({ cvmId }, _args, ctx) => findCvm(ctx, cvmId),
    }),
  }),
});

builder.queryField("operation", (t) =>
  t.field({
    type: Operation,
    nullable: true,
    description:
      "One operation of a CVM. Null when the caller has no such CVM; an id that nothing is known of answers with the status UNKNOWN.",
    args: {
      cvmId: t.arg.id({ required: true, description: "Any identifier of the CVM." }),
      correlationId: t.arg.id({ required: true, description: "The correlationId of a write's InProgress." }),
    },
    cost: {
      calls: 2,
      more: [
        { calls: 1, when: "while it runs" },
        { calls: SEARCH_PAGES - 1, when: `if it is not among the latest ${SEARCH_PAGE_SIZE} operations` },
      ],
    },
    resolve: (_root, args, ctx) => findOperationByIds(ctx, args),
  }),
);
