import { builder } from "../../core/builder.ts";
import { InProgress } from "./in-progress.ts";
import { OnChainHashRequired } from "./on-chain-hash-required.ts";

/** `ConfigureCvmResult`: what a configuration change returns. */
export const ConfigureCvmResult = builder.unionType("ConfigureCvmResult", {
  description:
    "Result of a configuration change. Either the REST API accepted the change, or the owner of the app has to register its compose hash on chain first.",
  types: [InProgress, OnChainHashRequired],
  resolveType: ({ kind }) => kind,
});
