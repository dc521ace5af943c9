import type { Cvm as CvmModel } from "../../upstream/resources/cvms.ts";
import { builder } from "../core/builder.ts";
import { toEnumValue } from "../core/open-vocabulary.ts";

const BillingPeriod = builder.enumType("BillingPeriod", {
  description: "How often a CVM is billed.",
  values: {
    SKIP: { description: "It is not billed." },
    HOURLY: { description: "By the hour." },
    MONTHLY: { description: "By the month." },
    OTHER: { description: "A period that this API does not know yet: read rawBillingPeriod." },
  },
});

/** `Cvm.resources` */
export const CvmResources = builder.objectRef<CvmModel["resources"]>("CvmResources").implement({
  description: "What a CVM has to run on.",
  fields: (t) => ({
    instanceType: t.exposeString("instanceType", { nullable: true, description: "For example tdx.small." }),
    vcpu: t.exposeInt("vcpu", { nullable: true, description: "The number of virtual CPUs." }),
    memoryMb: t.exposeInt("memoryMb", {
      nullable: true,
      description: "Memory in MB (1024 of them are a GB here).",
    }),
    diskSizeGb: t.exposeInt("diskSizeGb", {
      nullable: true,
      description: "Disk size in GB. It can only grow.",
    }),
    gpuCount: t.exposeInt("gpuCount", { nullable: true, description: "The number of GPUs." }),
    hourlyRate: t.exposeString("hourlyRate", {
      nullable: true,
      description: "The price of its computing per hour, as a decimal string: do not read it as a float.",
    }),
    billingPeriod: t.field({
      type: BillingPeriod,
      nullable: true,
      description: "How often it is billed.",
      resolve: ({ rawBillingPeriod }) =>
        rawBillingPeriod === null ? null : toEnumValue(["SKIP", "HOURLY", "MONTHLY"], rawBillingPeriod),
    }),
    rawBillingPeriod: t.exposeString("rawBillingPeriod", {
      nullable: true,
      description: "The billing period in the REST API's own word.",
    }),
  }),
});

/** `Cvm.os` */
export const CvmOs = builder.objectRef<NonNullable<CvmModel["os"]>>("CvmOs").implement({
  description: "The OS image that a CVM runs.",
  fields: (t) => ({
    name: t.exposeString("name", { nullable: true, description: "For example dstack-0.5.5." }),
    version: t.exposeString("version", { nullable: true, description: "For example 0.5.5." }),
    isDev: t.exposeBoolean("isDev", {
      nullable: true,
      description: "A development image lets its operator log in.",
    }),
    imageHash: t.expose("imageHash", { type: "Hex", nullable: true, description: "The hash of the image." }),
  }),
});

/** `Cvm.visibility` */
export const Visibility = builder.objectRef<CvmModel["visibility"]>("Visibility").implement({
  description:
    "What of a CVM anyone may see. These flags are part of the app-compose: changing one restarts the CVM.",
  fields: (t) => ({
    publicSysinfo: t.exposeBoolean("publicSysinfo", {
      description: "Whether system figures are public.",
    }),
    publicLogs: t.exposeBoolean("publicLogs", {
      description: "Whether container logs are public.",
    }),
    publicTcbinfo: t.exposeBoolean("publicTcbinfo", {
      description: "Whether the TCB's measurements are public.",
    }),
  }),
});

const KmsType = builder.enumType("KmsType", {
  description: "Who holds a CVM's keys.",
  values: {
    PHALA: { description: "Phala's own key management, off chain." },
    LEGACY: { description: "The key management of old CVMs, off chain." },
    BASE: { description: "A contract on Base." },
    ETHEREUM: { description: "A contract on Ethereum." },
    OTHER: { description: "A kind that this API does not know yet: read rawType." },
  },
});

/** `Cvm.kms` */
export const CvmKms = builder.objectRef<CvmModel["kms"]>("CvmKms").implement({
  description: "The key management service that a CVM gets its keys from.",
  fields: (t) => ({
    type: t.field({
      type: KmsType,
      nullable: true,
      description: "Its kind; null where the REST API names none.",
      resolve: ({ rawType }) =>
        rawType === null ? null : toEnumValue(["PHALA", "LEGACY", "BASE", "ETHEREUM"], rawType),
    }),
    rawType: t.exposeString("rawType", {
      nullable: true,
      description: "Its kind in the REST API's own word.",
    }),
    chainId: t.exposeInt("chainId", {
      nullable: true,
      description: "The EVM chain of its contract; null off chain.",
    }),
    contractAddress: t.expose("contractAddress", {
      type: "EthAddress",
      nullable: true,
      description: "The KMS contract. Compose hashes are not registered here.",
    }),
    appContractAddress: t.expose("appContractAddress", {
      type: "EthAddress",
      nullable: true,
      description: "The app's own contract, on which compose hashes are registered.",
    }),
    requiresOnChainHash: t.exposeBoolean("requiresOnChainHash", {
      description: "Whether a change of the app-compose has to be registered on chain before it is applied.",
    }),
  }),
});

/** `Cvm.node` */
export const CvmNode = builder.objectRef<NonNullable<CvmModel["node"]>>("CvmNode").implement({
  description: "The machine that a CVM runs on.",
  fields: (t) => ({
    name: t.exposeString("name", { nullable: true, description: "The node's name." }),
    region: t.exposeString("region", { nullable: true, description: "Where it stands." }),
    deviceId: t.expose("deviceId", {
      type: "Hex",
      nullable: true,
      description: "Its TEE device id, which an app contract may have to allow.",
    }),
  }),
});

/** `Cvm.endpoints` and `CvmNetwork.publicUrls` */
export const CvmEndpoint = builder.objectRef<CvmModel["endpoints"][number]>("CvmEndpoint").implement({
  description: "A public URL of a CVM.",
  fields: (t) => ({
    app: t.exposeString("app", {
      nullable: true,
      description: "The URL of the app: any of its instances answers.",
    }),
    instance: t.exposeString("instance", { nullable: true, description: "The URL of this instance." }),
  }),
});

/** `Cvm.progress` */
export const CvmProgress = builder.objectRef<NonNullable<CvmModel["progress"]>>("CvmProgress").implement({
  description: "The operation that runs on a CVM.",
  fields: (t) => ({
    target: t.exposeString("target", {
      description: "The status that the operation leads to.",
    }),
    startedAt: t.expose("startedAt", { type: "DateTime", nullable: true, description: "When it started." }),
    correlationId: t.exposeID("correlationId", {
      nullable: true,
      description: "The id that names it in the list of operations.",
    }),
  }),
});
