import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { createEnumReader } from "../core/open-vocabulary.ts";

const BillingPeriod = builder.enumType("BillingPeriod", {
  description: "How often Phala Cloud charges for a CVM.",
  values: {
    SKIP: { description: "The CVM is not billed." },
    HOURLY: { description: "Every hour." },
    MONTHLY: { description: "Every month." },
    OTHER: { description: "Period that this API does not know yet. See rawBillingPeriod." },
  },
});

const toBillingPeriod = createEnumReader(["SKIP", "HOURLY", "MONTHLY"]);

/** `Cvm.resources` */
export const CvmResources = builder.objectRef<CvmModel["resources"]>("CvmResources").implement({
  description: "Hardware that is allocated to a CVM, and its price.",
  fields: (t) => ({
    instanceType: t.exposeString("instanceType", {
      nullable: true,
      description: "Name of the size, for example tdx.small.",
    }),
    vcpu: t.exposeInt("vcpu", { nullable: true, description: "Number of virtual CPUs." }),
    memoryMb: t.exposeInt("memoryMb", {
      nullable: true,
      description: "Memory in MB, where 1024 MB are 1 GB.",
    }),
    diskSizeGb: t.exposeInt("diskSizeGb", {
      nullable: true,
      description: "Size of the data disk in GB. It can grow, but never shrink.",
    }),
    gpuCount: t.exposeInt("gpuCount", { nullable: true, description: "Number of GPUs." }),
    hourlyRate: t.exposeString("hourlyRate", {
      nullable: true,
      description:
        "Price of the compute resources per hour, as a decimal string. Do not parse it as a float.",
    }),
    billingPeriod: t.field({
      type: BillingPeriod,
      nullable: true,
      description: "How often the CVM is billed. Null if the REST API does not report it.",
      resolve: ({ rawBillingPeriod }) =>
        rawBillingPeriod === null ? null : toBillingPeriod(rawBillingPeriod),
    }),
    rawBillingPeriod: t.exposeString("rawBillingPeriod", {
      nullable: true,
      description: "Billing period as the REST API spells it.",
    }),
  }),
});
