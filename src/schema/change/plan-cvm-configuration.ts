import { MAX_PLAN_PROBLEMS } from "../../limits.ts";
import type { ConfigurationChange as ConfigurationChangeModel } from "../../resolvers/plan/changes.ts";
import {
  type ConfigurationPlan as ConfigurationPlanModel,
  planConfiguration,
} from "../../resolvers/plan/plan-configuration.ts";
import type { PlanProblem as PlanProblemModel } from "../../resolvers/plan/plan-problem.ts";
import { builder } from "../core/builder.ts";
import { ConfigureCvmInput } from "../input/configure-cvm.ts";
import { omitAbsent } from "../input/given.ts";

const ConfigurationChange = builder.objectRef<ConfigurationChangeModel>("ConfigurationChange").implement({
  description: "Setting that a configuration change would change.",
  fields: (t) => ({
    field: t.exposeString("field", { description: "Field of ConfigureCvmInput, for example vcpu." }),
    before: t.exposeString("before", {
      nullable: true,
      description:
        "Present value. Null if there is none. The Docker Compose file and the script are described by size and SHA-256; the environment and the user configuration are never shown.",
    }),
    after: t.exposeString("after", {
      nullable: true,
      description: "New value in the same form. Null if the setting is removed.",
    }),
  }),
});

const PlanSeverity = builder.enumType("PlanSeverity", {
  description: "How serious a problem is.",
  values: {
    ERROR: { description: "The change would be rejected, or the CVM would not start." },
    WARNING: { description: "Likely a mistake, but the change is possible." },
  },
});

const PlanProblem = builder.objectRef<PlanProblemModel>("PlanProblem").implement({
  description: "Problem of a configuration change.",
  fields: (t) => ({
    severity: t.expose("severity", { type: PlanSeverity, description: "How serious the problem is." }),
    code: t.exposeString("code", { description: "Code, from the closed list in docs/planning.md." }),
    message: t.exposeString("message", { description: "Problem in words, and what to do about it." }),
    field: t.exposeString("field", {
      nullable: true,
      description:
        "Input field with the problem, for example input.dockerComposeFile. Null if the CVM has the problem.",
    }),
    line: t.exposeInt("line", {
      nullable: true,
      description: "Line in the text of that field, starting at 1. Null if the problem has no position.",
    }),
    column: t.exposeInt("column", {
      nullable: true,
      description: "Column in that line, starting at 1.",
    }),
  }),
});

const ConfigurationPlan = builder.objectRef<ConfigurationPlanModel>("ConfigurationPlan").implement({
  description:
    "Dry run of configureCvm: what the same input would do to the CVM as it is now. To be sure that the CVM has not changed in between, send configVersion as expectedVersion. See 'dry run' in docs/glossary.md.",
  fields: (t) => ({
    changes: t.expose("changes", {
      type: [ConfigurationChange],
      description:
        "Settings that would change. A new environment or user configuration always counts as a change.",
    }),
    restarts: t.exposeBoolean("restarts", {
      description: "Whether the CVM would restart. False if nothing changes, and for a CVM that is off.",
    }),
    composeHashBefore: t.expose("composeHashBefore", {
      type: "Hex",
      nullable: true,
      description: "Present compose hash.",
    }),
    composeHashAfter: t.expose("composeHashAfter", {
      type: "Hex",
      nullable: true,
      description:
        "Compose hash after the change. Null if the gateway cannot predict it: its serialization does not reproduce the present hash from the present app-compose.",
    }),
    requiresOnChainHash: t.exposeBoolean("requiresOnChainHash", {
      description: "Whether configureCvm would answer with OnChainHashRequired.",
    }),
    hashAlreadyAllowed: t.exposeBoolean("hashAlreadyAllowed", {
      nullable: true,
      description:
        "Whether the app contract allows the new hash already. Null if no hash is needed or the answer is unknown.",
    }),
    envKeysAdded: t.exposeStringList("envKeysAdded", {
      description: "Names of environment variables that the guest would accept in addition.",
    }),
    envKeysRemoved: t.exposeStringList("envKeysRemoved", {
      description: "Names of environment variables that the guest would no longer accept.",
    }),
    problems: t.expose("problems", {
      type: [PlanProblem],
      description: `Problems of the change, at most ${MAX_PLAN_PROBLEMS}.`,
    }),
    configVersion: t.exposeString("configVersion", {
      description: "Version of the CVM that the dry run is based on, as in Cvm.configVersion.",
    }),
  }),
});

builder.queryField("planCvmConfiguration", (t) =>
  t.field({
    type: ConfigurationPlan,
    description:
      "Dry run of configureCvm: show what an input would change, whether the CVM restarts, and which problems it has. Sends no write.",
    args: {
      input: t.arg({ type: ConfigureCvmInput, required: true, description: "Settings to change." }),
    },
    cost: {
      calls: 1,
      more: [
        { calls: 1, when: "for settings of the app-compose" },
        { calls: 1, when: "for image", times: ({ input }) => Boolean(input.image) },
        { calls: 1, when: "for a hash that would have to be registered" },
        {
          calls: 2,
          when: "for env.plain with an on-chain KMS",
          times: ({ input }) => Boolean(input.env?.plain),
        },
      ],
    },
    resolve: (_root, { input }, ctx) => planConfiguration(ctx, omitAbsent(input)),
  }),
);
