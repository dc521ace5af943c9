import { restartCvm, shutdownCvm, startCvm, stopCvm } from "../../resolvers/configure/lifecycle.ts";
import { runWrite } from "../../resolvers/write/run-write.ts";
import { builder } from "../core/builder.ts";
import { omitAbsent } from "../input/given.ts";
import { RestartCvmInput } from "../input/restart-cvm.ts";
import { CvmRefInput } from "../input/write.ts";
import { InProgress } from "./result/in-progress.ts";
import { emergencyCalls, queuedCalls } from "./write-cost.ts";

builder.mutationFields((t) => ({
  startCvm: t.field({
    type: InProgress,
    nullable: true,
    description: "Start a CVM that is off. Sends one POST /cvms/{id}/start.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "CVM to start." }) },
    cost: { calls: 1, more: queuedCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, startCvm, omitAbsent(input)),
  }),
  stopCvm: t.field({
    type: InProgress,
    nullable: true,
    description:
      "Power a CVM off immediately. The REST API never rejects this, and it cancels any operation that is running on the CVM, even an update that is half done. To shut down gracefully, use shutdownCvm. Sends one POST /cvms/{id}/stop.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "CVM to power off." }) },
    cost: { calls: 1, more: emergencyCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, stopCvm, omitAbsent(input)),
  }),
  shutdownCvm: t.field({
    type: InProgress,
    nullable: true,
    description: "Shut a CVM down gracefully. Sends one POST /cvms/{id}/shutdown.",
    args: { input: t.arg({ type: CvmRefInput, required: true, description: "CVM to shut down." }) },
    cost: { calls: 1, more: queuedCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, shutdownCvm, omitAbsent(input)),
  }),
  restartCvm: t.field({
    type: InProgress,
    nullable: true,
    description: "Restart a CVM with its present configuration. Sends one POST /cvms/{id}/restart.",
    args: { input: t.arg({ type: RestartCvmInput, required: true, description: "CVM to restart." }) },
    cost: { calls: 1, more: queuedCalls },
    resolve: (_root, { input }, ctx) => runWrite(ctx, restartCvm, omitAbsent(input)),
  }),
}));
