import type { ConfigurationChange as ConfigurationChangeModel } from "../../resolvers/plan/changes.ts";
import {
  type ConfigurationPlan as ConfigurationPlanModel,
  planConfiguration,
} from "../../resolvers/plan/plan-configuration.ts";
import type { PlanProblem as PlanProblemModel } from "../../resolvers/plan/plan-problem.ts";
import { builder } from "../core/builder.ts";
import { costs } from "../core/field-cost.ts";
import { ConfigureCvmInput } from "./configure-cvm.ts";

const ConfigurationChange = builder.objectRef<ConfigurationChangeModel>("ConfigurationChange").implement({
  description: "One setting that would change.",
  fields: (t) => ({
    field: t.exposeString("field", {
      description: "The field of ConfigureCvmInput, for example vcpu.",
    }),
    before: t.exposeString("before", {
      nullable: true,
      description:
        "What the CVM has now, null where it has nothing. Compose file and script are named by size and SHA-256; environment and user configuration are never shown.",
    }),
    after: t.exposeString("after", {
      nullable: true,
      description: "What it would have, in the same form; null where the setting is taken away.",
    }),
  }),
});

const PlanSeverity = builder.enumType("PlanSeverity", {
  description: "How bad a problem is.",
  values: {
    ERROR: { description: "The change would be refused, or the CVM would not start with it." },
    WARNING: { description: "Likely a mistake, but nothing stands in the way." },
  },
});

const PlanProblem = builder.objectRef<PlanProblemModel>("PlanProblem").implement({
  description: "Something that is wrong with a change, or likely is.",
  fields: (t) => ({
    severity: t.expose("severity", { type: PlanSeverity, description: "How bad it is." }),
    code: t.exposeString("code", {
      description: "What it is, out of the closed list in docs/planning.md.",
    }),
    message: t.exposeString("message", { description: "The same for people." }),
    field: t.exposeString("field", {
      nullable: true,
      description:
        "The input that it is about, for example input.dockerComposeFile; null for the CVM itself.",
    }),
    line: t.exposeInt("line", {
      nullable: true,
      description:
        "The line in the text of that input, counted from 1; null where it is about no place in it.",
    }),
    column: t.exposeInt("column", {
      nullable: true,
      description: "The column in that line, counted from 1.",
    }),
  }),
});

const ConfigurationPlan = builder.objectRef<ConfigurationPlanModel>("ConfigurationPlan").implement({
  description:
    "What a configureCvm with the same input would do to the CVM as it is now. Send configVersion along as expectedVersion to be sure that it still is.",
  fields: (t) => ({
    changes: t.expose("changes", {
      type: [ConfigurationChange],
      description: "What would change. A new environment or user configuration always counts.",
    }),
    restarts: t.exposeBoolean("restarts", {
      description:
        "Whether the CVM restarts when the change is applied. False where nothing changes, and for a CVM that is off.",
    }),
    composeHashBefore: t.expose("composeHashBefore", {
      type: "Hex",
      nullable: true,
      description: "The compose hash that the CVM has now.",
    }),
    composeHashAfter: t.expose("composeHashAfter", {
      type: "Hex",
      nullable: true,
      description:
        "The compose hash that it would have; null when it cannot be foretold exactly, which is so when the gateway's serialisation does not reproduce the present hash from the present file.",
    }),
    requiresOnChainHash: t.exposeBoolean("requiresOnChainHash", {
      description: "Whether configureCvm would answer OnChainHashRequired.",
    }),
    hashAlreadyAllowed: t.exposeBoolean("hashAlreadyAllowed", {
      nullable: true,
      description:
        "Whether the app contract allows the new hash already; null where no hash is needed, or it is not known.",
    }),
    envKeysAdded: t.exposeStringList("envKeysAdded", {
      description: "Environment keys that the guest would take in addition.",
    }),
    envKeysRemoved: t.exposeStringList("envKeysRemoved", {
      description: "Environment keys that it would take no longer.",
    }),
    problems: t.expose("problems", {
      type: [PlanProblem],
      description: "What is wrong with the change, or likely is; at most 100.",
    }),
    configVersion: t.exposeString("configVersion", {
      description: "The configVersion of the CVM that the plan was made for.",
    }),
  }),
});

builder.queryField("planCvmConfiguration", (t) =>
  t.field({
    type: ConfigurationPlan,
    description:
      "What a configureCvm with this input would do. Sends no write. Costs one upstream call, one more each for settings of the compose file, an OS image, a hash that would have to be registered, and up to two for the key of env.plain.",
    args: { input: t.arg({ type: ConfigureCvmInput, required: true, description: "The changes." }) },
    extensions: costs(8),
    resolve: (_root, { input }, ctx) => planConfiguration(ctx, input),
  }),
);
