import { defaultPageSizes, MAX_PAGE_SIZE } from "../../limits.ts";
import {
  listOperationConnection,
  MAX_PAGES,
  type OperationConnection as OperationConnectionModel,
  readOperationsAhead,
} from "../../resolvers/operation/operation-connection.ts";
import type { Operation as OperationModel } from "../../resolvers/operation/status.ts";
import { builder } from "../core/builder.ts";
import { createConnectionType } from "../core/connection.ts";
import { Cvm } from "../cvm/cvm.ts";
import { omitAbsent } from "../input/given.ts";
import { Operation } from "./operation.ts";

const OperationConnection = createConnectionType<OperationModel, OperationConnectionModel>(
  Operation,
  "Operations",
  "One page of the operations of a CVM, newest first.",
);

builder.objectField(OperationConnection, "totalCount", (t) =>
  t.exposeInt("totalCount", {
    nullable: true,
    description: "Approximate number of operations on all pages. Null if the REST API does not estimate it.",
  }),
);

builder.objectField(Cvm, "operations", (t) =>
  t.field({
    type: OperationConnection,
    nullable: true,
    description:
      "History of the CVM: its operations, newest first. A cursor is tied to an operation, so operations that start between two pages do not shift the list.",
    args: {
      first: t.arg.int({
        defaultValue: defaultPageSizes.operations,
        description: `Number of operations on the page, 1 to ${MAX_PAGE_SIZE}.`,
      }),
      after: t.arg.string({ description: "Value of `endCursor` on the previous page." }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 1, when: "while an operation is running" },
        {
          calls: MAX_PAGES - 1,
          when: "to find the position of `after`",
          times: ({ after }) => Boolean(after),
        },
      ],
      items: ({ first }) => first ?? 0,
      read: (loaders, cvm, args) => readOperationsAhead(loaders, cvm, omitAbsent(args)),
    },
    resolve: (cvm, args, ctx) => listOperationConnection(ctx, cvm, omitAbsent(args)),
  }),
);
